package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;
import static dev.lamina.linux.Native.keep;

import dev.lamina.linux.Structs.MountAttr;

/** {@code mount(2)} and {@code umount2(2)}; paths are the host's and come from its user. */
public final class Mounts {
  public static final long MS_RDONLY = 1;
  public static final long MS_NOSUID = 2;
  public static final long MS_NODEV = 4;
  public static final long MS_NOEXEC = 8;
  public static final long MS_SYNCHRONOUS = 16;
  public static final long MS_DIRSYNC = 128;
  public static final long MS_NOATIME = 1024;
  public static final long MS_NODIRATIME = 2048;

  /** For {@link #unmount}: a FUSE mount fails all its requests at once, hung ones included. */
  public static final int MNT_FORCE = 1;

  public static final int MNT_DETACH = 2;

  private static final int UMOUNT_NOFOLLOW = 8;

  // linux/mount.h
  private static final int OPEN_TREE_CLONE = 1;
  private static final long MOUNT_ATTR_RDONLY = 0x1;
  private static final long MOUNT_ATTR_NOATIME = 0x10;
  private static final long MOUNT_ATTR_ATIME_MASK = 0x70;

  private Mounts() {}

  /**
   * Mounts a filesystem.
   *
   * @param data the filesystem's own options, comma-separated
   */
  public static void mount(String source, String target, String type, long flags, String data)
      throws ErrnoException {
    Name sourceName = Name.of(source);
    Name targetName = Name.of(target);
    Name typeName = Name.of(type);
    Name dataName = Name.of(data);
    int result =
        keep(
            C.mount(
                sourceName.address(),
                targetName.address(),
                typeName.address(),
                flags,
                dataName.address()),
            sourceName,
            targetName);
    check(result, "mount", typeName, dataName);
  }

  /** Unmounts; {@link #MNT_DETACH} takes a busy one out of sight at once. */
  public static void unmount(String target, int flags) throws ErrnoException {
    Name name = Name.of(target);
    check(C.umount2(name.address(), flags | UMOUNT_NOFOLLOW), "umount", name);
  }

  /**
   * Another view of the directory {@code dirfd}, without what is mounted below it: files opened
   * through it can be neither written nor have their access time moved, whoever opens them and with
   * whatever flags. It has no place in anybody's tree and is gone when the last descriptor that
   * came from it is closed. Kernel overlayfs looks at its lower layers through the same kind of
   * view.
   *
   * @return a descriptor as of {@code O_PATH | O_DIRECTORY}, the caller's to close
   * @throws ErrnoException EPERM without CAP_SYS_ADMIN, ENOSYS before Linux 5.12
   */
  public static int readOnlyView(int dirfd) throws ErrnoException {
    int flags = OPEN_TREE_CLONE | OpenFlags.O_CLOEXEC | At.AT_EMPTY_PATH;
    int view =
        (int)
            check(
                C.syscall(Arch.SYS_OPEN_TREE, dirfd, At.EMPTY.address(), flags, 0, 0, 0),
                "open_tree");
    NativeMemory attributes = Scratch.get().struct;
    attributes.zero(0, MountAttr.SIZE);
    attributes.putLong(MountAttr.ATTR_SET, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME);
    attributes.putLong(MountAttr.ATTR_CLR, MOUNT_ATTR_ATIME_MASK);
    try {
      check(
          C.syscall(
              Arch.SYS_MOUNT_SETATTR,
              view,
              At.EMPTY.address(),
              At.AT_EMPTY_PATH,
              attributes.address(),
              MountAttr.SIZE,
              0),
          "mount_setattr",
          attributes);
      return view;
    } catch (ErrnoException e) {
      Fd.close(view);
      throw e;
    }
  }
}
