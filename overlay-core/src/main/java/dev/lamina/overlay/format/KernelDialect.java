package dev.lamina.overlay.format;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;

/**
 * Kernel overlayfs (filesystems/overlayfs.rst): a whiteout is a character device 0:0, or an empty
 * regular file with the xattr {@code overlay.whiteout} in a directory with {@code
 * overlay.opaque=x}; {@code overlay.opaque=y} makes a directory opaque.
 */
final class KernelDialect implements Dialect {
  private static final Name SELF = Name.of(".");
  private static final ThreadLocal<NativeMemory> VALUE =
      ThreadLocal.withInitial(() -> NativeMemory.allocate(8));

  private final XattrNamespace xattrs;

  KernelDialect(XattrNamespace xattrs) {
    this.xattrs = xattrs;
  }

  @Override
  public boolean isOpaque(int dirfd, Name name) throws ErrnoException {
    return opaqueMark(dirfd, name) == 'y';
  }

  @Override
  public boolean isWhiteout(int dirfd, Name name, Stat stat) throws ErrnoException {
    if (stat.isCharDevice00()) {
      return true;
    }
    return stat.isRegular()
        && stat.size == 0
        && Xattr.get(dirfd, name, xattrs.whiteout(), VALUE.get(), 0, 0) >= 0
        && holdsXattrWhiteouts(dirfd);
  }

  @Override
  public boolean holdsXattrWhiteouts(int dirfd) throws ErrnoException {
    return opaqueMark(dirfd, SELF) == 'x';
  }

  private int opaqueMark(int dirfd, Name name) throws ErrnoException {
    NativeMemory value = VALUE.get();
    // A longer value than ours would be ERANGE; the kernel reads one byte and compares it.
    return Xattr.get(dirfd, name, xattrs.opaque(), value, 0, value.size()) == 1
        ? value.getByte(0)
        : 0;
  }
}
