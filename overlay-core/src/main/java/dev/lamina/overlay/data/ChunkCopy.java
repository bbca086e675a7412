package dev.lamina.overlay.data;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.ErrnoException;

/** Brings up what nobody has written of a partial file, a piece at a time and unseen. */
final class ChunkCopy {
  /** Bytes that are copied while writers wait. */
  private static final int CHUNK = 1 << 20;

  private final PartialFile file;

  /** Up to here no block is absent. */
  private long reached;

  ChunkCopy(PartialFile file) {
    this.file = file;
  }

  /** Copies one piece; how many bytes were really copied, or -1 where nothing is absent. */
  long copyNext() throws ErrnoException {
    synchronized (file.node) {
      long end = BlockMap.blocksOf(file.content.lowerEnd());
      long from = file.content.blocks.nextAbsent(reached, end);
      reached = from;
      if (file.isOver() || from >= end) {
        return -1;
      }
      long most = Math.min(end, from + CHUNK / BlockMap.BLOCK);
      long to = file.content.blocks.nextPresent(from, most);
      long copied = copyUnseen(from << BlockMap.BLOCK_BITS, to << BlockMap.BLOCK_BITS);
      file.makePresent(from, to);
      file.copied.addAndGet(copied);
      return copied;
    }
  }

  @GuardedBy("file.node")
  private long copyUnseen(long start, long blocksEnd) throws ErrnoException {
    Unseen unseen = new Unseen(file.content.upper);
    file.keepMtime(unseen.before());
    try {
      long end = Math.min(blocksEnd, file.content.lowerEnd());
      // What a write left that failed, or was not synced before a power cut.
      DataCopy.clear(file.content.upper, start, end);
      return DataCopy.copyRange(file.content.lower, file.content.upper, start, end);
    } finally {
      unseen.restore();
    }
  }
}
