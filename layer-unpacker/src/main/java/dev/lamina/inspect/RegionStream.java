package dev.lamina.inspect;

import dev.lamina.layer.tar.SparseMap;
import dev.lamina.linux.ErrnoException;
import java.io.InputStream;
import java.util.Objects;

/** The data of a file, region after region. Does not close the file. */
final class RegionStream extends InputStream {
  private final FileContent content;
  private final SparseMap map;
  private final byte[] buffer = new byte[1 << 16];
  private int buffered;
  private int taken;
  private int region;
  private long inRegion;

  RegionStream(FileContent content, SparseMap map) {
    this.content = content;
    this.map = map;
  }

  @Override
  public int read() throws ErrnoException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int count) throws ErrnoException {
    Objects.checkFromIndexSize(from, count, target.length);
    if (count == 0) {
      return 0;
    }
    if (taken == buffered && !fill()) {
      return -1;
    }
    int got = Math.min(count, buffered - taken);
    System.arraycopy(buffer, taken, target, from, got);
    taken += got;
    return got;
  }

  private boolean fill() throws ErrnoException {
    while (region < map.count() && inRegion == map.length(region)) {
      region++;
      inRegion = 0;
    }
    if (region == map.count()) {
      return false;
    }
    int wanted = (int) Math.min(buffer.length, map.length(region) - inRegion);
    buffered = content.read(buffer, wanted, map.offset(region) + inRegion);
    inRegion += buffered;
    taken = 0;
    return buffered > 0;
  }
}
