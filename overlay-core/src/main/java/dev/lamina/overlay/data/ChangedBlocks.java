package dev.lamina.overlay.data;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.NativeMemory;

/**
 * What a change of a partial file does to its blocks: those that it touches in part are copied from
 * below before it, those that it replaces are noted after it, in the map on disk first.
 *
 * <p>All of it under the monitor of the file's node.
 */
final class ChangedBlocks {
  private final PartialContent content;
  private final MapFile map;
  private final boolean durable;

  /** A block on its way up. */
  private NativeMemory block;

  /** Of {@code content}, as noted in {@code map}; {@code durable} as for {@link PartialFiles}. */
  ChangedBlocks(PartialContent content, MapFile map, boolean durable) {
    this.content = content;
    this.map = map;
    this.durable = durable;
  }

  /** Makes the blocks present that a change of the given bytes touches in part. */
  void before(long start, long end) throws ErrnoException {
    if (end > content.lowerEnd()) {
      fillBoundary();
      if (map.lowerEnd() > content.lowerEnd() && end > content.size()) {
        forgetBeyond();
      }
    }
    if (start == end) {
      return;
    }
    if (start % BlockMap.BLOCK != 0) {
      fill(start >>> BlockMap.BLOCK_BITS);
    }
    if (end % BlockMap.BLOCK != 0) {
      fill(end >>> BlockMap.BLOCK_BITS);
    }
  }

  /**
   * Before a file that was cut grows: with the old mark, what was cut off would be back after a
   * power cut.
   */
  private void forgetBeyond() throws ErrnoException {
    if (durable) {
      Fd.syncData(content.upper);
    }
    map.writeLowerEnd(content.lowerEnd());
    if (durable) {
      map.sync();
    }
  }

  /** Makes the block present in which bytes end to come from below. */
  void fillBoundary() throws ErrnoException {
    if (content.lowerEnd() % BlockMap.BLOCK != 0) {
      fill(content.lowerEnd() >>> BlockMap.BLOCK_BITS);
    }
  }

  /** Copies a block from below, if it is absent. */
  private void fill(long index) throws ErrnoException {
    if (content.isPresent(index)) {
      return;
    }
    if (block == null) {
      block = NativeMemory.allocate(BlockMap.BLOCK);
    }
    long start = index << BlockMap.BLOCK_BITS;
    int length = (int) Math.min(BlockMap.BLOCK, content.lowerEnd() - start);
    for (int got = 0; got < length; ) {
      int more = Fd.pread(content.lower, block, got, length - got, start + got);
      if (more == 0) {
        throw new ErrnoException(Errno.EIO, "lower file shrank while it was promoted");
      }
      got += more;
    }
    for (int done = 0; done < length; ) {
      done += Fd.pwrite(content.upper, block, done, length - done, start + done);
    }
    makePresent(index, index + 1);
  }

  /**
   * The given bytes are in the upper. Returns where what counts of them ends: before a last block
   * that was to be replaced as a whole, and was only in part.
   */
  long after(long start, long end) throws ErrnoException {
    long first = start >>> BlockMap.BLOCK_BITS;
    long last = end >>> BlockMap.BLOCK_BITS;
    boolean torn =
        end % BlockMap.BLOCK != 0 && !content.isPresent(last) && end < content.lowerEnd();
    if (torn && last << BlockMap.BLOCK_BITS <= start) {
      throw new ErrnoException(Errno.ENOSPC, "write of part of a block");
    }
    long counts = torn ? last << BlockMap.BLOCK_BITS : end;
    makePresent(first, BlockMap.blocksOf(counts));
    return counts;
  }

  /** All of these blocks that matter are in the upper: notes it, on disk first. */
  void makePresent(long from, long to) throws ErrnoException {
    if (content.blocks.nextAbsent(from, to) < to) {
      map.writeWritten(content.blocks, from, to);
      content.blocks.add(from, to);
    }
  }
}
