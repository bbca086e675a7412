package dev.lamina.overlay.data;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.overlay.format.Metacopy;
import dev.lamina.overlay.format.XattrNamespace;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.TreeLock;
import java.util.concurrent.atomic.LongAdder;

/**
 * The last steps of a partial file: what is absent comes up, and the metacopy mark goes. Several
 * threads may do so at a time. Thread-safe.
 */
final class Completion {
  private final XattrNamespace xattrs;
  private final TreeLock lock;
  private final LongAdder copied = new LongAdder();

  Completion(XattrNamespace xattrs, TreeLock lock) {
    this.xattrs = xattrs;
    this.lock = lock;
  }

  /** Brings up all that is absent and {@linkplain #settle settles}; the caller holds the file. */
  void complete(PartialFile file) throws ErrnoException {
    ChunkCopy copy = new ChunkCopy(file);
    while (copyNext(copy)) {
      // Writers have their turn.
    }
    settle(file);
  }

  /** Copies one piece; false where all is there. */
  boolean copyNext(ChunkCopy copy) throws ErrnoException {
    long bytes = copy.copyNext();
    copied.add(Math.max(bytes, 0));
    return bytes >= 0;
  }

  /**
   * All blocks are present: makes the upper's object the file, for ever once this returns. Where it
   * fails it may be so already, and has to be done again before the map may go.
   */
  void settle(PartialFile file) throws ErrnoException {
    int upper = file.content.upper;
    synchronized (file.node) {
      if (!file.isOver()) {
        file.restoreMtime();
      }
    }
    if (file.durable) {
      Fd.sync(upper);
    }
    synchronized (file.node) {
      if (!file.isOver()) {
        unmark(file);
        file.end();
      }
    }
    if (file.durable) {
      Fd.sync(upper);
    }
  }

  /** Nobody may look one of its names up meanwhile, find it marked, and believe that for ever. */
  private void unmark(PartialFile file) throws ErrnoException {
    lock.exclusive().lock();
    try {
      Metacopy.unmark(file.content.upper, xattrs);
      file.node.moveData(DataSource.UPPER);
    } finally {
      lock.exclusive().unlock();
    }
  }

  /** Bytes that were copied because nobody had written them. */
  long copiedBytes() {
    return copied.sum();
  }
}
