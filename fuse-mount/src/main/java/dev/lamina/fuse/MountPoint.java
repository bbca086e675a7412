package dev.lamina.fuse;

import dev.lamina.fuse.MountException.Reason;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.MountTable;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.StatFs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** A directory to mount on, looked at without entering what is mounted there. */
final class MountPoint {
  private final Path path;
  private final boolean stale;

  private MountPoint(Path path, boolean stale) {
    this.path = path;
    this.stale = stale;
  }

  /** Resolves a path, symbolic links followed. */
  static MountPoint of(Path path) throws MountException {
    int fd = open(path);
    try {
      String link = "/proc/self/fd/" + fd;
      byte[] target = At.readlink(At.FDCWD, Name.of(link));
      return new MountPoint(Path.of(new String(target, StandardCharsets.UTF_8)), isStale(fd));
    } catch (ErrnoException e) {
      throw new MountException(Reason.REFUSED, path + ": " + e.getMessage(), e);
    } finally {
      Fd.close(fd);
    }
  }

  private static int open(Path path) throws MountException {
    try {
      // O_PATH: the filesystem that is mounted there is not asked.
      return At.open2(
          At.FDCWD, Name.of(path.toString()), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0, 0);
    } catch (ErrnoException e) {
      throw switch (e.errno()) {
        case Errno.ENOENT ->
            new MountException(
                Reason.MOUNT_POINT_MISSING, "mount point " + path + " does not exist");
        case Errno.ENOTDIR ->
            new MountException(
                Reason.MOUNT_POINT_NOT_A_DIRECTORY, "mount point " + path + " is no directory");
        case Errno.ENOTCONN -> stale(path);
        default ->
            new MountException(
                Reason.REFUSED, "mount point " + path + ": " + Errno.describe(e.errno()), e);
      };
    }
  }

  /**
   * Whether the server behind a mount is gone. Only statfs always asks it: attributes may still be
   * in the kernel's cache.
   */
  private static boolean isStale(int fd) throws ErrnoException {
    try {
      new StatFs().read(fd);
      return false;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOTCONN || e.errno() == Errno.ECONNABORTED) {
        return true;
      }
      throw e;
    }
  }

  private static MountException stale(Path path) {
    return new MountException(
        Reason.MOUNT_POINT_STALE,
        "mount point " + path + " holds a dead FUSE mount; its server is gone, unmount it first");
  }

  boolean isStale() {
    return stale;
  }

  /** Absolute, without symbolic links. */
  Path path() {
    return path;
  }

  /** The mount that lies on top here, if any. */
  Optional<MountTable.Entry> mounted() throws IOException {
    return MountTable.at(path);
  }

  void requireFree() throws IOException {
    if (stale) {
      throw stale(path);
    }
    Optional<MountTable.Entry> there = mounted();
    if (there.isPresent()) {
      throw new MountException(
          Reason.MOUNT_POINT_BUSY,
          "mount point %s is in use: %s (%s) is mounted there"
              .formatted(path, there.get().source(), there.get().type()));
    }
  }
}
