package dev.lamina.overlay;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.InodeIoctl;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.promote.Promoter;

/**
 * Inode flags and fs-verity: the filesystem of the layer answers, and what changes a file promotes
 * it first. The flags of an upper file are really there ({@code chattr +i} protects the upper too),
 * where kernel overlayfs notes immutable and append-only in an xattr and acts on them itself.
 */
final class FileIoctls {
  private final Union union;

  FileIoctls(Union union) {
    this.union = union;
  }

  void run(Node node, int command, NativeMemory argument, int at, int size) throws ErrnoException {
    boolean special = !node.isDirectory() && node.type() != FileMode.S_IFREG;
    if (special || !InodeIoctl.has(command)) {
      throw new ErrnoException(Errno.ENOTTY, "ioctl 0x" + Integer.toHexString(command));
    }
    if (InodeIoctl.changes(command)) {
      union.requireWritable();
      // Flags and fs-verity are about data too: append-only, no copy-on-write, compressed, sealed.
      union.promoter.promote(node, Promoter.ALL_DATA);
    }
    int fd = command == InodeIoctl.FS_IOC_MEASURE_VERITY ? openData(node) : open(node);
    try {
      InodeIoctl.run(fd, command, argument, at, size);
    } catch (ErrnoException e) {
      // What an ioctl that does not exist says; so does kernel overlayfs of all of fs-verity.
      throw e.errno() == Errno.EOPNOTSUPP ? new ErrnoException(Errno.ENOTTY, "ioctl") : e;
    } finally {
      Fd.close(fd);
    }
  }

  private int openData(Node node) throws ErrnoException {
    return node instanceof FileNode file
        ? union.onData(file, o -> o.openQuietly(OpenFlags.O_RDONLY))
        : open(node);
  }

  /** A descriptor for this call alone: open for reading, as fs-verity wants it. */
  private int open(Node node) throws ErrnoException {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK;
    return union.onObject(
        node, o -> o.open(node.isDirectory() ? flags | OpenFlags.O_DIRECTORY : flags));
  }
}
