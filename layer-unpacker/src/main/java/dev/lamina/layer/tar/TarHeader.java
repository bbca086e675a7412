package dev.lamina.layer.tar;

import dev.lamina.image.ImageException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One 512-byte header block: where its fields are (POSIX pax, "ustar Interchange Format"; the GNU
 * and old V7 forms differ in what follows the magic).
 */
final class TarHeader {
  static final int BLOCK = 512;

  private static final byte[] USTAR = "ustar\0".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] STAR = "tar\0".getBytes(StandardCharsets.US_ASCII);
  private static final int NAME = 0;
  private static final int MODE = 100;
  private static final int UID = 108;
  private static final int GID = 116;
  private static final int SIZE = 124;
  private static final int MTIME = 136;
  private static final int CHECKSUM = 148;
  private static final int TYPE = 156;
  private static final int LINK = 157;
  private static final int MAGIC = 257;
  private static final int DEVICE_MAJOR = 329;
  private static final int DEVICE_MINOR = 337;
  private static final int PREFIX = 345;
  private static final int TRAILER = 508;

  private final byte[] block;

  private TarHeader(byte[] block) {
    this.block = block;
  }

  /** Checks the checksum, which old writers computed over signed bytes. */
  static TarHeader of(byte[] block) throws ImageException {
    long stated = TarNumbers.field(block, CHECKSUM, 8);
    int unsigned = 0;
    int signed = 0;
    for (int i = 0; i < BLOCK; i++) {
      byte b = i >= CHECKSUM && i < CHECKSUM + 8 ? (byte) ' ' : block[i];
      unsigned += b & 0xff;
      signed += b;
    }
    if (stated != unsigned && stated != signed) {
      throw TarNumbers.malformed("not a tar header: its checksum is wrong");
    }
    return new TarHeader(block);
  }

  byte typeFlag() {
    return block[TYPE];
  }

  byte[] name() {
    byte[] name = text(NAME, 100);
    if (!Arrays.equals(block, MAGIC, MAGIC + 6, USTAR, 0, 6)) {
      return name;
    }
    boolean star = Arrays.equals(block, TRAILER, TRAILER + 4, STAR, 0, 4);
    byte[] prefix = text(PREFIX, star ? 131 : 155);
    if (prefix.length == 0) {
      return name;
    }
    byte[] whole = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
    whole[prefix.length] = '/';
    System.arraycopy(name, 0, whole, prefix.length + 1, name.length);
    return whole;
  }

  byte[] linkName() {
    return text(LINK, 100);
  }

  int mode() throws ImageException {
    return (int) TarNumbers.field(block, MODE, 8) & 07777;
  }

  long uid() throws ImageException {
    return TarNumbers.field(block, UID, 8);
  }

  long gid() throws ImageException {
    return TarNumbers.field(block, GID, 8);
  }

  /** Bytes that follow; never negative. */
  long size() throws ImageException {
    long size = TarNumbers.field(block, SIZE, 12);
    if (size < 0) {
      throw TarNumbers.malformed("negative size");
    }
    return size;
  }

  long mtime() throws ImageException {
    return TarNumbers.field(block, MTIME, 12);
  }

  int deviceMajor() throws ImageException {
    return device(DEVICE_MAJOR);
  }

  int deviceMinor() throws ImageException {
    return device(DEVICE_MINOR);
  }

  private int device(int offset) throws ImageException {
    long number = TarNumbers.field(block, offset, 8);
    if (number < 0 || number > 0xfffff) {
      throw new ImageException(
          ImageException.Kind.REFUSED, "device number " + number + " is outside 0..1048575");
    }
    return (int) number;
  }

  private byte[] text(int offset, int length) {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(block, offset, end);
  }

  static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }
}
