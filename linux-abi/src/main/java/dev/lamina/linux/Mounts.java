package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;
import static dev.lamina.linux.Native.keep;

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
}
