package dev.lamina.layer;

import dev.lamina.layer.tar.SparseMap;
import dev.lamina.layer.tar.TarReader;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.NativeMemory;
import java.io.IOException;
import java.util.zip.CRC32C;

/** Writes the data of regular files, holes kept. */
final class FileData {
  private static final int BUFFER = 256 << 10;
  private static final long COPY_CHUNK = 64L << 20;

  private final CRC32C checksum = new CRC32C();
  private final byte[] heap = new byte[BUFFER];
  private final NativeMemory buffer = NativeMemory.allocate(BUFFER);

  /** Writes the current entry's data to a new file; its CRC-32C. */
  long write(TarReader tar, int fd) throws IOException {
    checksum.reset();
    int got;
    while ((got = fill(tar, BUFFER)) > 0) {
      checksum.update(heap, 0, got);
      for (int done = 0; done < got; ) {
        done += Fd.write(fd, buffer, done, got - done);
      }
    }
    return checksum.getValue();
  }

  /** Writes the regions of a sparse file where they belong. */
  void writeSparse(TarReader tar, SparseMap map, int fd) throws IOException {
    for (int i = 0; i < map.count(); i++) {
      long offset = map.offset(i);
      long end = offset + map.length(i);
      while (offset < end) {
        int got = fill(tar, (int) Math.min(BUFFER, end - offset));
        for (int done = 0; done < got; ) {
          done += Fd.pwrite(fd, buffer, done, got - done, offset + done);
        }
        offset += got;
      }
    }
    Fd.truncate(fd, map.fileSize());
  }

  /** As many bytes of the entry as there are up to {@code wanted}; 0 at its end. */
  private int fill(TarReader tar, int wanted) throws IOException {
    int count = 0;
    while (count < wanted) {
      int got = tar.read(heap, count, wanted - count);
      if (got < 0) {
        break;
      }
      count += got;
    }
    buffer.put(0, heap, 0, count);
    return count;
  }

  /** Copies a file of {@code size} bytes, by sharing blocks where the filesystem can. */
  static void copy(int from, int to, long size) throws ErrnoException {
    if (size == 0 || Fd.cloneFrom(to, from)) {
      return;
    }
    long offset = 0;
    while (offset < size) {
      long data = seek(from, offset, Fd.SEEK_DATA, size);
      long hole = seek(from, data, Fd.SEEK_HOLE, size);
      while (data < hole) {
        long copied = Fd.copyRange(from, data, to, data, Math.min(COPY_CHUNK, hole - data));
        if (copied == 0) {
          throw new ErrnoException(Errno.EIO, "a file of a lower layer shrank");
        }
        data += copied;
      }
      offset = hole;
    }
    Fd.truncate(to, size);
  }

  /**
   * Where the next data ({@code SEEK_DATA}) or hole ({@code SEEK_HOLE}) at or behind {@code offset}
   * begins; {@code end} where there is none before that.
   */
  static long seek(int fd, long offset, int whence, long end) throws ErrnoException {
    try {
      return offset >= end ? end : Math.min(end, Fd.seek(fd, offset, whence));
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENXIO) {
        return end;
      }
      throw e;
    }
  }
}
