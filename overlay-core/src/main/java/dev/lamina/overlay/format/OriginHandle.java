package dev.lamina.overlay.format;

import dev.lamina.linux.FileHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The value of {@code overlay.origin}: which lower inode an upper object was copied from. Bytes as
 * kernel overlayfs writes them, seen with getfattr(1):
 *
 * <pre>
 * 0 version, 0 | 1 magic, 0xfb | 2 length of all | 3 flags | 4 type of the file handle
 * 5 UUID of the lower's filesystem, 16 bytes | 21 the file handle
 * </pre>
 *
 * An empty value says only that the object is a copy: the lower's filesystem has no handles.
 */
public final class OriginHandle {
  /** For an object that is a copy of nobody knows which lower inode. */
  public static final byte[] UNKNOWN = {};

  /** Largest value: its length is written in one byte. */
  public static final int SIZE_MAX = 255;

  private static final int VERSION = 0;
  private static final int MAGIC = 0xfb;

  // Flags: the handle was made on a big-endian machine; the order of its bytes is of no matter.
  private static final int BIG_ENDIAN = 1;
  private static final int ANY_ENDIAN = 2;

  /** Flag: the inode is of the upper, not of a lower. */
  private static final int OF_UPPER = 4;

  private static final int UUID_AT = 5;
  private static final int UUID_SIZE = 16;
  private static final int HANDLE_AT = UUID_AT + UUID_SIZE;

  private final byte[] uuid;
  private final FileHandle handle;

  /** The inode {@code handle} of the filesystem {@code uuid}, 16 bytes; takes both over. */
  public OriginHandle(byte[] uuid, FileHandle handle) {
    this.uuid = uuid;
    this.handle = handle;
  }

  /** The handle that {@code value} holds, or null where it is none of this machine's. */
  public static OriginHandle decode(byte[] value) {
    if (value.length <= HANDLE_AT
        || value[0] != VERSION
        || (value[1] & 0xff) != MAGIC
        || (value[2] & 0xff) != value.length) {
      return null;
    }
    boolean foreign = (value[3] & BIG_ENDIAN) != endianness() && (value[3] & ANY_ENDIAN) == 0;
    if (foreign) {
      return null;
    }
    byte[] handle = Arrays.copyOfRange(value, HANDLE_AT, value.length);
    return new OriginHandle(
        Arrays.copyOfRange(value, UUID_AT, HANDLE_AT), new FileHandle(value[4] & 0xff, handle));
  }

  /** The bytes to store; {@link #UNKNOWN} where the handle does not fit the format. */
  public byte[] encode() {
    return encode(0);
  }

  /** As {@link #encode()}, for {@code overlay.upper}, which names an inode of the upper. */
  public byte[] encodeOfUpper() {
    return encode(OF_UPPER);
  }

  private byte[] encode(int flags) {
    int size = HANDLE_AT + handle.bytes().length;
    if (size > SIZE_MAX || handle.type() != (handle.type() & 0xff)) {
      return UNKNOWN;
    }
    byte[] value = new byte[size];
    value[0] = VERSION;
    value[1] = (byte) MAGIC;
    value[2] = (byte) size;
    value[3] = (byte) (endianness() | flags);
    value[4] = (byte) handle.type();
    System.arraycopy(uuid, 0, value, UUID_AT, UUID_SIZE);
    System.arraycopy(handle.bytes(), 0, value, HANDLE_AT, handle.bytes().length);
    return value;
  }

  private static int endianness() {
    return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? BIG_ENDIAN : 0;
  }

  /** Whether the inode is on the filesystem {@code other}. */
  public boolean isOn(byte[] other) {
    return Arrays.equals(uuid, other);
  }

  /** The file handle in it. */
  public FileHandle handle() {
    return handle;
  }
}
