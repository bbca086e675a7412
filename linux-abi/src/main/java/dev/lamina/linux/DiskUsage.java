package dev.lamina.linux;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;

/** How much space a directory tree takes, as du(1) counts it. Follows no link. */
public final class DiskUsage {
  private static final int RESOLVE = At.RESOLVE_BENEATH | At.RESOLVE_NO_SYMLINKS;
  private static final int DIRECTORY = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
  private static final int BLOCK = 512;

  private final Set<Long> linked = new HashSet<>();
  private final Stat stat = new Stat();
  private long bytes;
  private long inodes;

  /**
   * What a tree takes.
   *
   * @param bytes of all its blocks
   * @param inodes its objects, the root included
   */
  public record Total(long bytes, long inodes) {}

  private DiskUsage() {}

  /**
   * Bytes of all blocks of what is below {@code root}; a file with several names counts once. What
   * others delete meanwhile may count or not.
   *
   * @param root a directory's descriptor, which stays open
   */
  public static long below(int root) throws ErrnoException {
    DiskUsage usage = new DiskUsage();
    usage.addTree(root);
    return usage.bytes;
  }

  /** The same with the root itself, and a count of objects. */
  public static Total of(int root) throws ErrnoException {
    DiskUsage usage = new DiskUsage();
    At.stat(root, usage.stat);
    usage.add();
    usage.addTree(root);
    return new Total(usage.bytes, usage.inodes);
  }

  private void add() {
    bytes += stat.blocks * BLOCK;
    inodes++;
  }

  /** Breadth first, by paths from the root, so that depth costs neither stack nor descriptors. */
  private void addTree(int root) throws ErrnoException {
    ArrayDeque<byte[]> directories = new ArrayDeque<>();
    directories.add(new byte[] {'.'});
    while (!directories.isEmpty()) {
      byte[] path = directories.remove();
      int fd;
      try {
        fd = At.open2(root, Name.of(path), DIRECTORY, 0, RESOLVE);
      } catch (ErrnoException e) {
        if (!isGone(e.errno())) {
          throw e;
        }
        continue;
      }
      try {
        addEntries(fd, path, directories);
      } finally {
        Fd.close(fd);
      }
    }
  }

  /** Or out of reach: below 4 KiB of path, what there is counts as nothing. */
  private static boolean isGone(int errno) {
    return errno == Errno.ENOENT || errno == Errno.ENOTDIR || errno == Errno.ENAMETOOLONG;
  }

  private void addEntries(int fd, byte[] path, ArrayDeque<byte[]> directories)
      throws ErrnoException {
    DirectoryReader reader = new DirectoryReader().reset(fd);
    while (reader.next()) {
      byte[] name = reader.name().toBytes();
      if (!At.stat(fd, Name.of(name), stat)) {
        continue;
      }
      if (stat.isDirectory()) {
        ByteBuffer child = ByteBuffer.allocate(path.length + 1 + name.length);
        directories.add(child.put(path).put((byte) '/').put(name).array());
      }
      if (stat.isDirectory() || stat.nlink == 1 || linked.add(stat.ino)) {
        add();
      }
    }
  }
}
