package dev.lamina.overlay.format;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;

/** fuse-overlayfs's own opaque mark, {@code user.fuseoverlayfs.opaque=y}; it has no whiteouts. */
final class FuseOverlayfsDialect implements Dialect {
  private static final Name OPAQUE = Name.of("user.fuseoverlayfs.opaque");
  private static final ThreadLocal<NativeMemory> VALUE =
      ThreadLocal.withInitial(() -> NativeMemory.allocate(8));

  @Override
  public boolean isOpaque(int dirfd, Name name) throws ErrnoException {
    NativeMemory value = VALUE.get();
    return Xattr.get(dirfd, name, OPAQUE, value, 0, value.size()) >= 1 && value.getByte(0) == 'y';
  }

  @Override
  public boolean isWhiteout(int dirfd, Name name, Stat stat) {
    return false;
  }
}
