package dev.lamina.overlay.origin;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.OriginHandle;
import dev.lamina.overlay.node.Layer;
import dev.lamina.overlay.node.LayerDir;
import java.util.Arrays;

/** A filesystem that lower layers lie on: its UUID, and a descriptor to open handles with. */
final class OriginFilesystem {
  private static final int CLOSED = -1;
  private static final byte[] NO_UUID = new byte[16];

  private final Layer layer;
  private final long device;

  /** Null where it is not known. */
  private final byte[] uuid;

  /** Open until {@link #close}, or {@link #CLOSED} as long as {@link #uuid} is null. */
  private int fd;

  private OriginFilesystem(Layer layer, long device, byte[] uuid, int fd) {
    this.layer = layer;
    this.device = device;
    this.uuid = uuid;
    this.fd = fd;
  }

  /** The filesystem of a lower's root. */
  static OriginFilesystem of(LayerDir root) throws ErrnoException {
    int path = root.pin();
    try {
      Stat stat = new Stat();
      At.stat(path, stat);
      int fd = openReadable(path);
      byte[] uuid = fd < 0 ? null : Fd.filesystemUuid(fd);
      return new OriginFilesystem(root.layer(), stat.dev, uuid, fd);
    } finally {
      root.unpin();
    }
  }

  /** A descriptor that is no {@code O_PATH} one, or -1 where this process may not read the root. */
  private static int openReadable(int path) {
    try {
      return At.open(path, Name.of("."), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    } catch (ErrnoException e) {
      return CLOSED;
    }
  }

  byte[] uuid() {
    return uuid;
  }

  /** Whether {@code handle} names an inode here. */
  boolean isOf(OriginHandle handle) {
    return uuid != null && handle.isOn(uuid);
  }

  /** Whether its UUID is the null one, which any filesystem may have. */
  boolean isAnonymous() {
    return Arrays.equals(uuid, NO_UUID);
  }

  /**
   * The number by which the merged tree shows the origin {@code handle}, or 0 where it cannot be
   * opened, is of another type than {@code mode}, or has several names.
   */
  long ino(OriginHandle handle, int mode) throws ErrnoException {
    Stat stat = new Stat();
    boolean same =
        stat(handle, stat) && ((stat.mode ^ mode) & FileMode.S_IFMT) == 0 && stat.nlink == 1;
    return same ? layer.ino(stat.ino) : 0;
  }

  /** Fills {@code stat} for the inode {@code handle}; false where it cannot be opened. */
  boolean stat(OriginHandle handle, Stat stat) throws ErrnoException {
    int inode;
    try {
      inode = handle.handle().open(fd, OpenFlags.O_PATH);
    } catch (ErrnoException e) {
      // Gone (ESTALE), another filesystem's (EINVAL), or not allowed (EPERM).
      return false;
    }
    try {
      At.stat(inode, stat);
      return stat.dev == device;
    } finally {
      Fd.close(inode);
    }
  }

  /** A layer on this filesystem. */
  Layer layer() {
    return layer;
  }

  void close() {
    if (fd >= 0) {
      Fd.close(fd);
      fd = CLOSED;
    }
  }
}
