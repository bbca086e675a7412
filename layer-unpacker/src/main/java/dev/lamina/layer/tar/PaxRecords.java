package dev.lamina.layer.tar;

import dev.lamina.image.ImageException;
import dev.lamina.linux.Printable;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The records of a PAX extended header: {@code LENGTH KEY=VALUE\n}, the values bytes. A later
 * record of a key replaces an earlier one; unknown keys are ignored.
 */
final class PaxRecords {
  private static final String SCHILY = "SCHILY.xattr.";
  private static final String LIBARCHIVE = "LIBARCHIVE.xattr.";

  byte[] path;
  byte[] linkPath;
  byte[] sparseName;
  Long size;
  Integer uid;
  Integer gid;
  long[] mtime;
  boolean sparseMapInData;
  Long sparseSize;
  SparseMap sparse;
  private final Map<String, TarXattr> xattrs = new LinkedHashMap<>();
  private long sparseOffset = -1;

  static PaxRecords parse(byte[] records) throws ImageException {
    PaxRecords pax = new PaxRecords();
    int at = 0;
    while (at < records.length) {
      int blank = indexOf(records, at, (byte) ' ');
      long length = TarNumbers.decimal(records, at, blank);
      if (length <= blank - at || length > records.length - at) {
        throw TarNumbers.malformed("a PAX record of impossible length");
      }
      int end = at + (int) length;
      int equals = indexOf(records, blank, (byte) '=');
      if (records[end - 1] != '\n' || equals >= end - 1) {
        throw TarNumbers.malformed("a PAX record without a value");
      }
      pax.put(
          new String(records, blank + 1, equals - blank - 1, StandardCharsets.ISO_8859_1),
          Arrays.copyOfRange(records, equals + 1, end - 1));
      at = end;
    }
    return pax;
  }

  /** Extended attributes, each once, in the order of the archive. */
  Collection<TarXattr> xattrs() {
    return xattrs.values();
  }

  private void put(String key, byte[] value) throws ImageException {
    switch (key) {
      case "path" -> path = name(value);
      case "linkpath" -> linkPath = name(value);
      case "size" -> size = TarNumbers.decimal(value);
      case "uid" -> uid = TarNumbers.paxId(value, "uid");
      case "gid" -> gid = TarNumbers.paxId(value, "gid");
      case "mtime" -> mtime = TarNumbers.time(value);
      case "GNU.sparse.name" -> sparseName = name(value);
      case "GNU.sparse.size", "GNU.sparse.realsize" -> sparseSize = TarNumbers.decimal(value);
      case "GNU.sparse.major" -> sparseMapInData = TarNumbers.decimal(value) == 1;
      case "GNU.sparse.offset" -> sparseOffset = TarNumbers.decimal(value);
      case "GNU.sparse.numbytes" -> sparse().add(sparseOffset, TarNumbers.decimal(value));
      case "GNU.sparse.map" -> sparseMap(value);
      default -> putXattr(key, value);
    }
  }

  private void putXattr(String key, byte[] value) throws ImageException {
    byte[] name;
    byte[] content = value;
    if (key.startsWith(SCHILY)) {
      name = key.substring(SCHILY.length()).getBytes(StandardCharsets.ISO_8859_1);
    } else if (key.startsWith(LIBARCHIVE)) {
      try {
        String encoded = key.substring(LIBARCHIVE.length()).replace("+", "%2B");
        name =
            URLDecoder.decode(encoded, StandardCharsets.ISO_8859_1)
                .getBytes(StandardCharsets.ISO_8859_1);
        content = Base64.getDecoder().decode(unpadded(value));
      } catch (IllegalArgumentException e) {
        throw TarNumbers.malformed("a LIBARCHIVE.xattr record is not URL and base64 encoded");
      }
    } else {
      return;
    }
    if (name.length == 0 || contains(name, (byte) 0)) {
      throw TarNumbers.malformed("an extended attribute without a proper name");
    }
    // An attribute may come in both spellings (bsdtar writes both); the last one counts.
    String known = new String(name, StandardCharsets.ISO_8859_1);
    xattrs.remove(known);
    xattrs.put(known, new TarXattr(name, content));
  }

  /** libarchive pads or not, by version; the JDK takes both but not stray padding. */
  private static byte[] unpadded(byte[] base64) {
    int length = base64.length;
    while (length > 0 && base64[length - 1] == '=') {
      length--;
    }
    return Arrays.copyOf(base64, length);
  }

  private void sparseMap(byte[] numbers) throws ImageException {
    sparse = new SparseMap();
    int at = 0;
    while (at < numbers.length) {
      int comma = indexOf(numbers, at, (byte) ',');
      int next = comma + 1;
      int end = next;
      while (end < numbers.length && numbers[end] != ',') {
        end++;
      }
      sparse.add(TarNumbers.decimal(numbers, at, comma), TarNumbers.decimal(numbers, next, end));
      at = end + 1;
    }
  }

  private SparseMap sparse() {
    if (sparse == null) {
      sparse = new SparseMap();
    }
    return sparse;
  }

  private static byte[] name(byte[] value) throws ImageException {
    if (contains(value, (byte) 0)) {
      throw TarNumbers.malformed("the name " + Printable.of(value) + " holds a NUL");
    }
    return value;
  }

  private static boolean contains(byte[] bytes, byte wanted) {
    for (byte b : bytes) {
      if (b == wanted) {
        return true;
      }
    }
    return false;
  }

  private static int indexOf(byte[] bytes, int from, byte wanted) throws ImageException {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    throw TarNumbers.malformed("a broken PAX record");
  }
}
