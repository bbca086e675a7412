package dev.lamina.overlay.origin;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileHandle;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.format.OriginHandle;
import dev.lamina.overlay.format.XattrNamespace;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.Layer;
import dev.lamina.overlay.node.LayerDir;

/**
 * Writes and reads {@code overlay.origin} and {@code overlay.impure} as kernel overlayfs does.
 *
 * <p>A copy remembers the lower inode it was made from, by its file handle, and is shown by that
 * inode's number. A directory that holds such copies, or merged directories, is impure: the numbers
 * that the filesystem lists in it are not those of the merged tree.
 *
 * <p>Where a lower's filesystem has no handles, does not tell its UUID, or shares it with another
 * one, or where this process may not open handles, a copy has its own number after a remount.
 */
public final class Origins implements AutoCloseable {
  private static final Name SELF = Name.of(".");
  private static final byte[] YES = {'y'};
  private static final ThreadLocal<NativeMemory> VALUE =
      ThreadLocal.withInitial(() -> NativeMemory.allocate(OriginHandle.SIZE_MAX));

  private final XattrNamespace xattrs;

  /** By {@link dev.lamina.overlay.node.Layer#filesystem}; null where no lower lies. */
  private final OriginFilesystem[] filesystems;

  private Origins(XattrNamespace xattrs, OriginFilesystem[] filesystems) {
    this.xattrs = xattrs;
    this.filesystems = filesystems;
  }

  /** For the stack of {@code roots}, the first of which is the upper's. */
  public static Origins of(LayerDir[] roots) throws ErrnoException {
    int count = 0;
    for (LayerDir root : roots) {
      count = Math.max(count, root.layer().filesystem() + 1);
    }
    XattrNamespace xattrs = roots[0].layer().format().xattrs();
    Origins origins = new Origins(xattrs, new OriginFilesystem[count]);
    try {
      for (int i = 1; i < roots.length; i++) {
        int filesystem = roots[i].layer().filesystem();
        if (origins.filesystems[filesystem] == null) {
          origins.filesystems[filesystem] = OriginFilesystem.of(roots[i]);
        }
      }
      return origins;
    } catch (ErrnoException | RuntimeException e) {
      origins.close();
      throw e;
    }
  }

  /**
   * Notes on the copy {@code to} that it was made from {@code from}. Not for one of several hard
   * links: the others stay behind, and two files must not have one number.
   */
  public void record(LayerDir source, int fromDir, Name from, Stat stat, int toDir, Name to)
      throws ErrnoException {
    if (!stat.isDirectory() && stat.nlink > 1) {
      return;
    }
    setWherePossible(toDir, to, xattrs.origin(), valueOf(source.layer(), fromDir, from));
  }

  /** The value that says "copied from" the entry {@code name} of {@code source}. */
  public byte[] valueOf(Layer source, int dirfd, Name name) throws ErrnoException {
    byte[] uuid = filesystems[source.filesystem()].uuid();
    FileHandle handle = uuid == null ? null : FileHandle.of(dirfd, name);
    return handle == null ? OriginHandle.UNKNOWN : new OriginHandle(uuid, handle).encode();
  }

  /**
   * Looks at the lower inode {@code handle}.
   *
   * @return a layer on its filesystem, or null where it cannot be opened; {@code lower} is filled
   */
  public Layer find(OriginHandle handle, Stat lower) throws ErrnoException {
    OriginFilesystem filesystem = filesystemOf(handle);
    return filesystem != null && filesystem.stat(handle, lower) ? filesystem.layer() : null;
  }

  /** Before something with an origin comes into {@code directory}, open as {@code fd}. */
  public void markImpure(DirNode directory, int fd) throws ErrnoException {
    if (!directory.isImpure()) {
      setWherePossible(fd, SELF, xattrs.impure(), YES);
      directory.markImpure();
    }
  }

  /**
   * Before the upper's entry {@code name} in {@code fromDir} gets a name in another directory.
   *
   * @param merged whether it is a directory that lowers are part of
   */
  public void carry(int fromDir, Name name, boolean merged, DirNode to, int toDir)
      throws ErrnoException {
    if (!to.isImpure() && (merged || has(fromDir, name, xattrs.origin()))) {
      markImpure(to, toDir);
    }
  }

  /** Whether entries of the upper's directory, open as {@code fd}, may have an origin. */
  public boolean isImpure(DirNode directory, int fd) throws ErrnoException {
    if (!directory.isImpure() && has(fd, SELF, xattrs.impure())) {
      directory.markImpure();
    }
    return directory.isImpure();
  }

  /**
   * The number of the lower inode that the upper's {@code name}, no directory, was copied from, as
   * the merged tree shows it; 0 where the object's own number counts.
   *
   * @param type of the object, as the type bits of {@code st_mode}
   */
  public long ino(int dirfd, Name name, int type) throws ErrnoException {
    NativeMemory value = VALUE.get();
    int size = sizeOf(dirfd, name, xattrs.origin(), value);
    if (size <= 0) {
      return 0;
    }
    OriginHandle handle = OriginHandle.decode(value.copy(0, size));
    OriginFilesystem filesystem = handle == null ? null : filesystemOf(handle);
    return filesystem == null ? 0 : filesystem.ino(handle, type);
  }

  /** As the kernel: of the others, only one with a UUID, and one that no other has. */
  private OriginFilesystem filesystemOf(OriginHandle handle) {
    OriginFilesystem found = null;
    for (int i = 0; i < filesystems.length; i++) {
      OriginFilesystem filesystem = filesystems[i];
      if (filesystem == null || !filesystem.isOf(handle)) {
        continue;
      }
      if (i == 0) {
        return filesystem;
      }
      if (found != null || filesystem.isAnonymous()) {
        return null;
      }
      found = filesystem;
    }
    return found;
  }

  private static boolean has(int dirfd, Name name, Name attribute) throws ErrnoException {
    return sizeOf(dirfd, name, attribute, VALUE.get()) >= 0;
  }

  /** Size of a value that fits, else -1. */
  private static int sizeOf(int dirfd, Name name, Name attribute, NativeMemory value)
      throws ErrnoException {
    try {
      return Xattr.get(dirfd, name, attribute, value, 0, value.size());
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ERANGE) {
        return -1;
      }
      throw e;
    }
  }

  /** An upper without xattrs, or user xattrs on a symbolic link: numbers are all that is lost. */
  private static void setWherePossible(int dirfd, Name name, Name attribute, byte[] value)
      throws ErrnoException {
    try {
      Xattr.set(dirfd, name, attribute, value, 0);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.EPERM) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    for (OriginFilesystem filesystem : filesystems) {
      if (filesystem != null) {
        filesystem.close();
      }
    }
  }
}
