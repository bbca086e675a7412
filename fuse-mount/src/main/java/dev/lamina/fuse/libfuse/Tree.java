package dev.lamina.fuse.libfuse;

import dev.lamina.overlay.InodeFileSystem;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What the workers of one mount share. Thread-safe. */
final class Tree {
  final InodeFileSystem fileSystem;
  final HiddenFiles hidden;
  final OpenHandles handles;
  private final AtomicLong renamings = new AtomicLong();

  /**
   * Inode numbers of files whose data came, or may have come, by another of their names than the
   * one it was cached by: to the kernel, each name that libfuse shows is a file of its own.
   */
  private final Set<Long> linked = ConcurrentHashMap.newKeySet();

  Tree(InodeFileSystem fileSystem) {
    this.fileSystem = fileSystem;
    this.hidden = new HiddenFiles(fileSystem);
    this.handles = new OpenHandles(fileSystem, hidden);
  }

  /** Differs after each change that may have moved or removed a directory. */
  long renamings() {
    return renamings.get();
  }

  /** Some directory may be elsewhere now; before the callback that did it returns. */
  void renamed() {
    renamings.incrementAndGet();
  }

  /** The file has several names, or gets another, and somebody may write it. */
  void hasSeveralNames(long ino) {
    linked.add(ino);
  }

  /** Whether what the kernel has cached by one name is the file's data for sure. */
  boolean isCacheExact(long ino) {
    return !linked.contains(ino);
  }

  /** At the end, when no worker is left. */
  void releaseAll() {
    handles.releaseAll();
    hidden.removeAll();
  }
}
