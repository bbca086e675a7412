package dev.lamina.overlay.owner;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;

/**
 * One record: {@code UID:GID:MODE:TYPE}, numbers decimal but for the mode, which is octal; the type
 * is {@code file}, {@code dir}, {@code symlink}, {@code pipe}, {@code socket}, {@code
 * char-MAJOR-MINOR} or {@code block-MAJOR-MINOR}, and may be missing. Older fuse-overlayfs writes
 * the type into the mode's high bits instead, and no type for what is no stand-in.
 *
 * <p>Each thread has one, {@link #ofThread}: reading and writing allocates nothing.
 */
final class OwnerRecord {
  private static final ThreadLocal<OwnerRecord> OF_THREAD =
      ThreadLocal.withInitial(OwnerRecord::new);

  /** The longest: two numbers of 10 digits, a mode of 7, a device of 5 + 1 + 10 + 1 + 10. */
  private static final int SIZE_MAX = 128;

  private static final int MAJOR_MAX = 0xfff;
  private static final int MINOR_MAX = 0xfffff;

  private final NativeMemory text = NativeMemory.allocate(SIZE_MAX);
  private int length;

  /** Where parsing is. */
  private int at;

  private int uid;
  private int gid;
  private int mode;
  private long device;

  static OwnerRecord ofThread() {
    return OF_THREAD.get();
  }

  /** Reads the record {@code attribute}; false where there is none, or rubbish. */
  boolean read(int dirfd, Name name, Name attribute) throws ErrnoException {
    try {
      length = Xattr.get(dirfd, name, attribute, text, 0, SIZE_MAX);
    } catch (ErrnoException e) {
      requireTooLong(e);
      return false;
    }
    return length >= 0 && parse();
  }

  boolean read(int fd, Name attribute) throws ErrnoException {
    try {
      length = Xattr.get(fd, attribute, text, 0, SIZE_MAX);
    } catch (ErrnoException e) {
      requireTooLong(e);
      return false;
    }
    return length >= 0 && parse();
  }

  boolean exists(int fd, Name attribute) throws ErrnoException {
    return Xattr.get(fd, attribute, text, 0, 0) >= 0;
  }

  private static void requireTooLong(ErrnoException e) throws ErrnoException {
    if (e.errno() != Errno.ERANGE) {
      throw e;
    }
  }

  void write(int dirfd, Name name, Name attribute) throws ErrnoException {
    Xattr.set(dirfd, name, attribute, text, 0, length, 0);
  }

  void write(int fd, Name attribute) throws ErrnoException {
    Xattr.set(fd, attribute, text, 0, length, 0);
  }

  /** Overrides owner and mode of {@code stat}; its type only if a regular file stands in. */
  void applyTo(Stat stat) {
    stat.uid = uid;
    stat.gid = gid;
    int type = stat.mode & FileMode.S_IFMT;
    if (type == FileMode.S_IFREG && isSpecial(mode)) {
      type = mode & FileMode.S_IFMT;
      stat.rdev = device;
      stat.size = 0;
      stat.blocks = 0;
    }
    stat.mode = type | (mode & FileMode.PERMISSIONS);
  }

  private static boolean isSpecial(int mode) {
    return switch (mode & FileMode.S_IFMT) {
      case FileMode.S_IFCHR, FileMode.S_IFBLK, FileMode.S_IFIFO, FileMode.S_IFSOCK -> true;
      default -> false;
    };
  }

  private boolean parse() {
    at = 0;
    long owner = number(10, ':');
    long group = number(10, ':');
    long bits = number(8, ':');
    if (owner < 0 || group < 0 || bits < 0 || bits > 0177777) {
      return false;
    }
    uid = (int) owner;
    gid = (int) group;
    mode = (int) bits & FileMode.PERMISSIONS;
    device = 0;
    return at == length || parseType();
  }

  private boolean parseType() {
    if (skip("char-")) {
      return parseDevice(FileMode.S_IFCHR);
    }
    if (skip("block-")) {
      return parseDevice(FileMode.S_IFBLK);
    }
    int type = 0;
    if (skip("pipe")) {
      type = FileMode.S_IFIFO;
    } else if (skip("socket")) {
      type = FileMode.S_IFSOCK;
    } else if (!skip("file") && !skip("dir") && !skip("symlink")) {
      return false;
    }
    mode |= type;
    return at == length;
  }

  private boolean parseDevice(int type) {
    long major = number(10, '-');
    long minor = number(10, '\0');
    if (major < 0 || minor < 0 || major > MAJOR_MAX || minor > MINOR_MAX) {
      return false;
    }
    device = FileMode.device((int) major, (int) minor);
    mode |= type;
    // A character device 0:0 would be a whiteout to an overlay above.
    return type != FileMode.S_IFCHR || device != 0;
  }

  /**
   * A number of at most 32 bits that ends at {@code end}, which is skipped, or at the end of the
   * text; -1 where there is none. All ones is nobody's id and no number here.
   */
  private long number(int base, char end) {
    long value = 0;
    int start = at;
    while (at < length) {
      int digit = text.getByte(at) - '0';
      if (digit < 0 || digit >= base) {
        break;
      }
      value = value * base + digit;
      if (value >= 0xffffffffL) {
        return -1;
      }
      at++;
    }
    if (at == start) {
      return -1;
    }
    if (at == length) {
      return value;
    }
    return text.getByte(at++) == end ? value : -1;
  }

  private boolean skip(String word) {
    if (length - at < word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (text.getByte(at + i) != word.charAt(i)) {
        return false;
      }
    }
    at += word.length();
    return true;
  }

  /** Makes the text of a record for what {@code stat} says. */
  OwnerRecord set(Stat stat) {
    length = 0;
    put(Integer.toUnsignedLong(stat.uid), 10, 1);
    put(":");
    put(Integer.toUnsignedLong(stat.gid), 10, 1);
    put(":");
    put(stat.mode & FileMode.PERMISSIONS, 8, 4);
    put(":");
    switch (stat.mode & FileMode.S_IFMT) {
      case FileMode.S_IFDIR -> put("dir");
      case FileMode.S_IFLNK -> put("symlink");
      case FileMode.S_IFIFO -> put("pipe");
      case FileMode.S_IFSOCK -> put("socket");
      case FileMode.S_IFCHR -> putDevice("char-", stat.rdev);
      case FileMode.S_IFBLK -> putDevice("block-", stat.rdev);
      default -> put("file");
    }
    return this;
  }

  private void putDevice(String kind, long number) {
    put(kind);
    put(FileMode.major(number), 10, 1);
    put("-");
    put(FileMode.minor(number), 10, 1);
  }

  private void put(String word) {
    for (int i = 0; i < word.length(); i++) {
      text.putByte(length++, (byte) word.charAt(i));
    }
  }

  private void put(long number, int base, int digits) {
    int count = digits;
    long power = 1;
    for (int i = 1; i < digits; i++) {
      power *= base;
    }
    while (number / power >= base) {
      power *= base;
      count++;
    }
    for (; count > 0; count--) {
      text.putByte(length++, (byte) ('0' + number / power % base));
      power /= base;
    }
  }
}
