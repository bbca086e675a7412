package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

/**
 * Reads the entries of one directory in the kernel's order with {@code getdents64}, {@code .} and
 * {@code ..} left out. Iterates over a buffer of its own; one thread at a time.
 *
 * <pre>{@code
 * while (reader.next()) { use(reader.name(), reader.type(), reader.ino()); }
 * }</pre>
 */
public final class DirectoryReader {
  // struct linux_dirent64: u64 d_ino, s64 d_off, u16 d_reclen, u8 d_type, char d_name[].
  private static final int RECLEN = 16;
  private static final int TYPE = 18;
  private static final int NAME = 19;

  private final NativeMemory buffer = NativeMemory.allocate(64 * 1024);
  private final Name name = new Name();
  private int fd;
  private int position;
  private int end;
  private int entry;

  /**
   * Starts over with another directory.
   *
   * @param fd a descriptor opened {@code O_RDONLY | O_DIRECTORY} at its start; the caller's to
   *     close
   */
  public DirectoryReader reset(int fd) {
    this.fd = fd;
    position = 0;
    end = 0;
    return this;
  }

  /** Moves to the next entry; false at the end. */
  public boolean next() throws ErrnoException {
    do {
      if (position >= end) {
        end = (int) check(C.getdents64(fd, buffer.address(), buffer.size()), "getdents64", buffer);
        position = 0;
        if (end == 0) {
          return false;
        }
      }
      entry = position;
      position += buffer.getShort(entry + RECLEN) & 0xffff;
    } while (isDot());
    int length = 0;
    while (buffer.getByte(entry + NAME + length) != 0) {
      length++;
    }
    name.view(buffer, entry + NAME, length);
    return true;
  }

  private boolean isDot() {
    int at = entry + NAME;
    if (buffer.getByte(at) != '.') {
      return false;
    }
    byte second = buffer.getByte(at + 1);
    return second == 0 || (second == '.' && buffer.getByte(at + 2) == 0);
  }

  /** The current name: a view that the next call of {@link #next} moves. */
  public Name name() {
    return name;
  }

  public long ino() {
    return buffer.getLong(entry);
  }

  /** {@code d_type}: {@link FileMode#directoryType}, or 0 where the filesystem does not tell. */
  public int type() {
    return buffer.getByte(entry + TYPE) & 0xff;
  }
}
