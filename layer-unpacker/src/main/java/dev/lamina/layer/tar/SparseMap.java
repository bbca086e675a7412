package dev.lamina.layer.tar;

import dev.lamina.image.ImageException;
import java.util.Arrays;

/**
 * Which ranges of a sparse file the archive holds, in ascending order without overlap; the rest are
 * holes.
 */
public final class SparseMap {
  /** As many as fit 1 MiB of map, the bound that Go's reader took after CVE-2025-58183. */
  public static final int REGION_LIMIT = (1 << 20) / 24;

  private long[] offsets = new long[8];
  private long[] lengths = new long[8];
  private int count;
  private long stored;
  private long fileSize;

  /** Adds a range of {@code length} bytes at {@code offset} behind those added so far. */
  public void add(long offset, long length) throws ImageException {
    if (offset < 0 || length < 0 || offset > Long.MAX_VALUE - length) {
      throw TarNumbers.malformed("a sparse region of impossible size");
    }
    if (count > 0 && offset < offsets[count - 1] + lengths[count - 1]) {
      throw TarNumbers.malformed("sparse regions overlap");
    }
    if (count == REGION_LIMIT) {
      throw new ImageException(
          ImageException.Kind.LIMIT, "a sparse file of more than " + REGION_LIMIT + " regions");
    }
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, count * 2);
      lengths = Arrays.copyOf(lengths, count * 2);
    }
    offsets[count] = offset;
    lengths[count] = length;
    stored += length;
    count++;
  }

  /** Checks the map against the file's size and the bytes that the archive holds. */
  public SparseMap complete(long newFileSize, long archived) throws ImageException {
    if (newFileSize < 0 || (count > 0 && offset(count - 1) + length(count - 1) > newFileSize)) {
      throw TarNumbers.malformed("sparse regions beyond the end of the file");
    }
    if (stored != archived) {
      throw TarNumbers.malformed(
          "the sparse regions have " + stored + " bytes, the archive holds " + archived);
    }
    fileSize = newFileSize;
    return this;
  }

  /** How many regions of data there are. */
  public int count() {
    return count;
  }

  /** Where a region begins in the file. */
  public long offset(int region) {
    return offsets[region];
  }

  /** Bytes of a region. */
  public long length(int region) {
    return lengths[region];
  }

  /** Bytes of all ranges. */
  long stored() {
    return stored;
  }

  /** Size of the file in bytes, holes counted. */
  public long fileSize() {
    return fileSize;
  }
}
