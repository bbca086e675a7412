package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

import dev.lamina.linux.Structs.Dirent64;

/**
 * Reads the entries of one directory in the kernel's order with {@code getdents64}, {@code .} and
 * {@code ..} left out. Iterates over a buffer of its own; one thread at a time.
 *
 * <pre>{@code
 * while (reader.next()) { use(reader.name(), reader.type(), reader.ino()); }
 * }</pre>
 */
public final class DirectoryReader {
  private final NativeMemory buffer = NativeMemory.allocatePageAligned(64 * 1024);
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
      position += buffer.getShort(entry + Dirent64.D_RECLEN) & 0xffff;
    } while (isDot());
    int length = 0;
    while (buffer.getByte(entry + Dirent64.D_NAME + length) != 0) {
      length++;
    }
    name.view(buffer, entry + Dirent64.D_NAME, length);
    return true;
  }

  private boolean isDot() {
    int at = entry + Dirent64.D_NAME;
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

  /** Inode number of the entry, {@code d_ino}. */
  public long ino() {
    return buffer.getLong(entry + Dirent64.D_INO);
  }

  /** {@code d_type}: {@link FileMode#directoryType}, or 0 where the filesystem does not tell. */
  public int type() {
    return buffer.getByte(entry + Dirent64.D_TYPE) & 0xff;
  }
}
