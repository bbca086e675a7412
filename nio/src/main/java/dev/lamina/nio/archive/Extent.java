package dev.lamina.nio.archive;

import dev.lamina.layer.tar.SparseMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Where the data of a file is in the temporary file: one range after the other from {@code start}
 * on, and between them holes.
 */
public final class Extent {
  static final Extent EMPTY = new Extent(0, 0, new long[0], new long[0]);

  private final long start;
  private final long size;

  /** Of the ranges: where they are in the file, and how long. */
  private final long[] offsets;

  private final long[] lengths;

  private Extent(long start, long size, long[] offsets, long[] lengths) {
    this.start = start;
    this.size = size;
    this.offsets = offsets;
    this.lengths = lengths;
  }

  /** A file without holes. */
  static Extent whole(long start, long size) {
    return new Extent(start, size, new long[] {0}, new long[] {size});
  }

  static Extent sparse(long start, SparseMap map) {
    long[] offsets = new long[map.count()];
    long[] lengths = new long[map.count()];
    for (int i = 0; i < map.count(); i++) {
      offsets[i] = map.offset(i);
      lengths[i] = map.length(i);
    }
    return new Extent(start, map.fileSize(), offsets, lengths);
  }

  /** Bytes of the file, holes counted. */
  public long size() {
    return size;
  }

  /** Where the whole file is in one piece; -1 where it has holes. */
  long wholeAt() {
    return offsets.length == 1 && lengths[0] == size ? start : -1;
  }

  /** Fills {@code target} from {@code position} on as far as the file goes; bytes read. */
  int read(FileChannel spool, ByteBuffer target, long position) throws IOException {
    long at = position;
    while (target.hasRemaining() && at < size) {
      at += step(spool, target, at);
    }
    return (int) Math.max(0, at - position);
  }

  /** Reads from one range, or fills from one hole; bytes. */
  private long step(FileChannel spool, ByteBuffer target, long at) throws IOException {
    long stored = start;
    long hole = size;
    for (int i = 0; i < offsets.length; i++) {
      if (at < offsets[i]) {
        hole = offsets[i];
        break;
      }
      if (at < offsets[i] + lengths[i]) {
        long into = at - offsets[i];
        ByteBuffer part = first(target, lengths[i] - into);
        int wanted = part.remaining();
        while (part.hasRemaining()) {
          if (spool.read(part, stored + into + part.position()) < 0) {
            throw new IOException("the temporary file of an image was cut off");
          }
        }
        target.position(target.position() + wanted);
        return wanted;
      }
      stored += lengths[i];
    }
    long zeros = Math.min(target.remaining(), hole - at);
    for (long i = 0; i < zeros; i++) {
      target.put((byte) 0);
    }
    return zeros;
  }

  private static ByteBuffer first(ByteBuffer target, long atMost) {
    return target.slice(target.position(), (int) Math.min(target.remaining(), atMost));
  }
}
