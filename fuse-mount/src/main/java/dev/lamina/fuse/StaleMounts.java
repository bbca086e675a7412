package dev.lamina.fuse;

import dev.lamina.fuse.MountException.Reason;
import dev.lamina.linux.ErrnoException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * FUSE mounts whose server was killed: everything in them fails with ENOTCONN until somebody takes
 * them away.
 */
public final class StaleMounts {
  private StaleMounts() {}

  /**
   * Whether a mount on {@code mountPoint} has lost its server. Asks the server, so it waits for one
   * that is alive and slow.
   *
   * @throws MountException if there is no such directory
   */
  public static boolean isStale(Path mountPoint) throws IOException {
    return MountPoint.of(mountPoint).isStale();
  }

  /**
   * Takes away every dead mount that lies on {@code mountPoint}; live ones stay.
   *
   * @return whether there was one
   * @throws MountException if there is no such directory, or the mount is not ours to take away
   */
  public static boolean clear(Path mountPoint) throws IOException {
    boolean cleared = false;
    for (MountPoint point = MountPoint.of(mountPoint);
        point.isStale();
        point = MountPoint.of(mountPoint)) {
      clearTop(point);
      cleared = true;
    }
    return cleared;
  }

  private static void clearTop(MountPoint point) throws MountException {
    try {
      Mounter.ofProcess().unmount(point.path().toString(), Mounter.Mode.LAZY);
    } catch (ErrnoException e) {
      throw new MountException(
          Reason.MOUNT_POINT_STALE,
          "mount point " + point.path() + " holds a dead FUSE mount that cannot be unmounted",
          e);
    }
  }
}
