package dev.lamina.layer.tar;

import static dev.lamina.layer.tar.TarNumbers.malformed;

import dev.lamina.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Reads the entries of a tar stream one after the other. Memory is bounded whatever the stream
 * says: extended headers of as many bytes as its user allows, sparse maps of {@value
 * SparseMap#REGION_LIMIT} regions.
 *
 * <p>A size in a PAX header is that of the next file and never that of another extended header
 * between them, so no two readers see different entries (CVE-2026-53655). Global PAX headers are
 * skipped, and only regular files have data, as container tools written in Go see it.
 *
 * <p>Broken streams give {@link ImageException}s that name the entry before the break.
 */
public final class TarReader {
  private static final byte[] NONE = new byte[0];

  private final InputStream in;
  private final int headerLimit;
  private final byte[] block = new byte[TarHeader.BLOCK];
  private long position;
  private long remaining;
  private int padding;
  private boolean ended;
  private byte[] lastName = NONE;

  /**
   * Reads from {@code in}, which should be buffered; the caller closes it.
   *
   * @param headerLimit most bytes of an extended header
   */
  public TarReader(InputStream in, int headerLimit) {
    this.in = in;
    this.headerLimit = headerLimit;
  }

  /** The next entry, or null at the end of the archive; skips what is left of the data before. */
  public TarEntry next() throws IOException {
    try {
      return nextEntry();
    } catch (ImageException e) {
      String where = lastName.length == 0 ? "" : ", after " + TarEntry.shown(lastName);
      throw e.about("tar header at byte " + (position - TarHeader.BLOCK) + where);
    }
  }

  private TarEntry nextEntry() throws IOException {
    PaxRecords pax = null;
    byte[] longName = null;
    byte[] longLink = null;
    while (true) {
      skipData();
      if (ended || !readHeader()) {
        if (pax != null || longName != null || longLink != null) {
          throw malformed("the archive ends after an extended header");
        }
        return null;
      }
      TarHeader header = TarHeader.of(block);
      long size = header.size();
      switch (header.typeFlag()) {
        case 'x', 'X' -> pax = PaxRecords.parse(extended(size));
        case 'L' -> longName = terminated(extended(size));
        case 'K' -> longLink = terminated(extended(size));
        case 'g', 'V' -> expect(size);
        default -> {
          return entry(header, pax == null ? new PaxRecords() : pax, longName, longLink);
        }
      }
    }
  }

  private TarEntry entry(TarHeader header, PaxRecords pax, byte[] longName, byte[] longLink)
      throws IOException {
    byte[] name = first(pax.sparseName, pax.path, longName, header.name());
    lastName = name;
    TarType type = TarType.of(header.typeFlag());
    if (type == null) {
      throw new ImageException(
          ImageException.Kind.UNSUPPORTED,
          String.format("entry %s is of type 0x%02x", TarEntry.shown(name), header.typeFlag()));
    }
    if (header.typeFlag() == 0 && name.length > 0 && name[name.length - 1] == '/') {
      type = TarType.DIRECTORY;
    }
    long size = pax.size != null ? pax.size : header.size();
    // GNU's incremental archives list in a directory's data what it held.
    boolean hasData = type == TarType.REGULAR || header.typeFlag() == 'D';
    expect(hasData ? size : 0);
    TarEntry entry =
        new TarEntry(type, name)
            .linkName(first(pax.linkPath, longLink, header.linkName()))
            .mode(header.mode())
            .owner(
                pax.uid != null ? pax.uid : TarNumbers.id(header.uid(), "uid"),
                pax.gid != null ? pax.gid : TarNumbers.id(header.gid(), "gid"));
    if (pax.mtime != null) {
      entry.mtime(pax.mtime[0], (int) pax.mtime[1]);
    } else {
      entry.mtime(header.mtime(), 0);
    }
    if (type == TarType.CHAR_DEVICE || type == TarType.BLOCK_DEVICE) {
      entry.device(header.deviceMajor(), header.deviceMinor());
    }
    pax.xattrs().forEach(entry::xattr);
    if (type == TarType.REGULAR) {
      sparse(entry, header, pax);
    }
    return entry.size(remaining);
  }

  private void sparse(TarEntry entry, TarHeader header, PaxRecords pax) throws IOException {
    if (header.typeFlag() == 'S') {
      byte[] first = block.clone();
      SparseMap map = new SparseMap();
      boolean more = gnuRegions(map, first, 386, 4) && first[482] != 0;
      while (more) {
        readBlock(block, "a sparse map");
        more = gnuRegions(map, block, 0, 21) && block[504] != 0;
      }
      entry.sparse(map.complete(TarNumbers.field(first, 483, 12), remaining));
    } else if (pax.sparseMapInData) {
      SparseMap map = mapInData();
      entry.sparse(map.complete(pax.sparseSize == null ? -1 : pax.sparseSize, remaining));
    } else if (pax.sparse != null) {
      entry.sparse(pax.sparse.complete(pax.sparseSize == null ? -1 : pax.sparseSize, remaining));
    }
  }

  /** Offset and length pairs of a GNU header; false where an empty one ends the list. */
  private static boolean gnuRegions(SparseMap map, byte[] from, int at, int count)
      throws ImageException {
    for (int i = 0; i < count; i++) {
      int pair = at + 24 * i;
      if (from[pair + 12] == 0) {
        return false;
      }
      map.add(TarNumbers.field(from, pair, 12), TarNumbers.field(from, pair + 12, 12));
    }
    return true;
  }

  /** GNU's PAX format 1.0: decimal numbers, one a line, in the first blocks of the data. */
  private SparseMap mapInData() throws IOException {
    SparseMap map = new SparseMap();
    MapNumbers numbers = new MapNumbers();
    long count = numbers.next();
    if (count > SparseMap.REGION_LIMIT) {
      throw new ImageException(ImageException.Kind.LIMIT, "a sparse map of " + count + " regions");
    }
    for (long i = 0; i < count; i++) {
      map.add(numbers.next(), numbers.next());
    }
    return map;
  }

  /** Takes whole blocks off the data of the current entry. */
  private final class MapNumbers {
    private final byte[] data = new byte[TarHeader.BLOCK];
    private int at = TarHeader.BLOCK;

    long next() throws IOException {
      byte[] digits = new byte[24];
      for (int length = 0; length < digits.length; length++) {
        if (at == data.length) {
          if (readData(data, 0, data.length) < data.length) {
            throw malformed("a sparse map longer than its file");
          }
          at = 0;
        }
        byte b = data[at++];
        if (b == '\n') {
          return TarNumbers.decimal(digits, 0, length);
        }
        digits[length] = b;
      }
      throw malformed("a sparse map of impossible numbers");
    }
  }

  /** Data of the current entry; -1 at its end. A stream that ends before is MALFORMED. */
  public int read(byte[] target, int from, int count) throws IOException {
    if (remaining == 0) {
      return -1;
    }
    int got = in.read(target, from, (int) Math.min(count, remaining));
    if (got < 0) {
      throw malformed("the archive is truncated inside " + TarEntry.shown(lastName));
    }
    remaining -= got;
    position += got;
    return got;
  }

  private int readData(byte[] target, int from, int count) throws IOException {
    int done = 0;
    while (done < count) {
      int got = read(target, from + done, count - done);
      if (got < 0) {
        break;
      }
      done += got;
    }
    return done;
  }

  private void skipData() throws IOException {
    if (remaining > 0) {
      byte[] waste = new byte[1 << 14];
      int got;
      do {
        got = read(waste, 0, waste.length);
      } while (got >= 0);
    }
    if (padding > 0) {
      int done = in.readNBytes(block, 0, padding);
      position += done;
      // The last padding may be missing; whatever needs it finds the end by itself.
      padding = 0;
    }
  }

  private void expect(long size) {
    remaining = size;
    padding = (int) (-size & (TarHeader.BLOCK - 1));
  }

  private byte[] extended(long size) throws IOException {
    if (size > headerLimit) {
      throw new ImageException(
          ImageException.Kind.LIMIT,
          "an extended header of " + size + " bytes; the limit is " + headerLimit);
    }
    expect(size);
    byte[] content = new byte[(int) size];
    if (readData(content, 0, content.length) < content.length) {
      throw malformed("the archive is truncated inside an extended header");
    }
    return content;
  }

  /** Fills {@link #block} with a header; false at the end of the archive. */
  private boolean readHeader() throws IOException {
    int got = in.readNBytes(block, 0, block.length);
    position += got;
    if (got == 0) {
      ended = true;
      return false;
    }
    if (got < block.length) {
      throw malformed("the archive is truncated inside a header");
    }
    if (!TarHeader.isZero(block)) {
      return true;
    }
    ended = true;
    got = in.readNBytes(block, 0, block.length);
    position += got;
    if (got == block.length && !TarHeader.isZero(block)) {
      throw malformed("entries after the end of the archive");
    }
    return false;
  }

  private void readBlock(byte[] target, String what) throws IOException {
    int got = in.readNBytes(target, 0, target.length);
    position += got;
    if (got < target.length) {
      throw malformed("the archive is truncated inside " + what);
    }
  }

  private static byte[] terminated(byte[] text) {
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return Arrays.copyOf(text, end);
  }

  private static byte[] first(byte[]... candidates) {
    for (byte[] candidate : candidates) {
      if (candidate != null) {
        return candidate;
      }
    }
    return NONE;
  }
}
