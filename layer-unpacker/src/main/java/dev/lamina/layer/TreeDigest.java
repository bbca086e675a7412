package dev.lamina.layer;

import dev.lamina.image.Digest;
import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * One digest of a whole directory tree: names, types, modes, owners, modification times, contents,
 * link targets, devices and xattrs. Two equal digests mean that nothing was changed in between.
 * Access times and SELinux's labels, which are the host's, do not count. Follows no link.
 *
 * <p>Of contents, CRC-32C is what counts, as filesystems use it against decay: who can change a
 * layer can change what is recorded of it as well, and SHA-256 of all files again would be a tenth
 * of the work of unpacking.
 */
public final class TreeDigest {
  private static final int CHUNK = 1 << 18;

  /** Unit of {@code st_blocks} (stat(2)). */
  private static final int STAT_BLOCK = 512;

  private final MessageDigest digest = Digest.newSha256();
  private final CRC32C content = new CRC32C();
  private final ContentChecksums known;
  private final Stat stat = new Stat();
  private final NativeMemory buffer = NativeMemory.allocate(CHUNK);

  private TreeDigest(ContentChecksums known) {
    this.known = known;
  }

  /** The digest of the tree at {@code root}; reads every file. */
  public static Digest of(Path root) throws ErrnoException {
    int fd = At.openHostPath(Name.of(root.toString()), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    try {
      return of(fd, new ContentChecksums());
    } catch (ErrnoException e) {
      throw e.about(root);
    } finally {
      Fd.close(fd);
    }
  }

  /** The same of a directory that is open; reads only files that are not in {@code known}. */
  static Digest of(int root, ContentChecksums known) throws ErrnoException {
    TreeDigest tree = new TreeDigest(known);
    tree.addTree(root);
    return Digest.sha256(tree.digest);
  }

  /** Breadth first, by paths from the root, so that depth costs neither stack nor descriptors. */
  private void addTree(int root) throws ErrnoException {
    ArrayDeque<byte[]> directories = new ArrayDeque<>();
    directories.add(new byte[] {'.'});
    while (!directories.isEmpty()) {
      byte[] path = directories.remove();
      int resolve = At.RESOLVE_BENEATH | At.RESOLVE_NO_SYMLINKS;
      int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
      int fd = At.open2(root, Name.of(path), flags, 0, resolve);
      try {
        digest.update(path);
        digest.update((byte) 0);
        for (byte[] name : sortedNames(fd)) {
          addEntry(fd, Name.of(name));
          if (stat.isDirectory()) {
            directories.add(joined(path, name));
          }
        }
      } finally {
        Fd.close(fd);
      }
    }
  }

  private static byte[] joined(byte[] directory, byte[] name) {
    ByteBuffer path = ByteBuffer.allocate(directory.length + 1 + name.length);
    return path.put(directory).put((byte) '/').put(name).array();
  }

  private static List<byte[]> sortedNames(int fd) throws ErrnoException {
    List<byte[]> names = new ArrayList<>();
    DirectoryReader reader = new DirectoryReader().reset(fd);
    while (reader.next()) {
      names.add(reader.name().toBytes());
    }
    names.sort(Arrays::compareUnsigned);
    return names;
  }

  private void addEntry(int dirfd, Name name) throws ErrnoException {
    At.stat(dirfd, name, stat);
    digest.update(name.toBytes());
    digest.update((byte) 0);
    long size = stat.isDirectory() ? 0 : stat.size;
    for (long number :
        new long[] {stat.mode, stat.uid, stat.gid, size, stat.mtime, stat.mtimeNanos, stat.rdev}) {
      addNumber(number);
    }
    addXattrs(dirfd, name);
    if (stat.isSymlink()) {
      digest.update(At.readlink(dirfd, name));
    } else if (stat.isRegular()) {
      long checksum = known.find(stat);
      addNumber(checksum < 0 ? read(dirfd, name) : checksum);
    }
  }

  private void addNumber(long number) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }

  private void addXattrs(int dirfd, Name name) throws ErrnoException {
    int end = Xattr.list(dirfd, name, buffer, 0, Xattr.SIZE_MAX);
    List<byte[]> attributes = new ArrayList<>();
    for (int start = 0, at = 0; at < end; at++) {
      if (buffer.getByte(at) == 0) {
        attributes.add(buffer.copy(start, at - start));
        start = at + 1;
      }
    }
    attributes.sort(Arrays::compareUnsigned);
    for (byte[] attribute : attributes) {
      if (XattrPolicy.isLabel(attribute)) {
        continue;
      }
      digest.update(attribute);
      digest.update((byte) 0);
      int size = Xattr.get(dirfd, name, Name.of(attribute), buffer, 0, Xattr.SIZE_MAX);
      digest.update(buffer.asByteBuffer(0, Math.max(0, size)));
    }
  }

  private long read(int dirfd, Name name) throws ErrnoException {
    int fd = At.open(dirfd, name, OpenFlags.O_RDONLY, 0);
    try {
      return stat.blocks * STAT_BLOCK < stat.size ? readRegions(fd, stat.size) : readAll(fd);
    } finally {
      Fd.close(fd);
    }
  }

  private long readAll(int fd) throws ErrnoException {
    content.reset();
    int got;
    while ((got = Fd.read(fd, buffer, 0, CHUNK)) > 0) {
      content.update(buffer.asByteBuffer(0, got));
    }
    return content.getValue();
  }

  /** The same value: holes are zeros that nobody reads. A few bytes of archive can be petabytes. */
  private long readRegions(int fd, long size) throws ErrnoException {
    long checksum = 0;
    long at = 0;
    while (at < size) {
      long data = FileData.seek(fd, at, Fd.SEEK_DATA, size);
      checksum = Crc32cOfParts.withZeros(checksum, data - at);
      long hole = FileData.seek(fd, data, Fd.SEEK_HOLE, size);
      checksum = Crc32cOfParts.joined(checksum, readRegion(fd, data, hole), hole - data);
      at = hole;
    }
    return checksum;
  }

  private long readRegion(int fd, long from, long to) throws ErrnoException {
    content.reset();
    for (long at = from; at < to; ) {
      int got = Fd.pread(fd, buffer, 0, (int) Math.min(CHUNK, to - at), at);
      if (got == 0) {
        break;
      }
      content.update(buffer.asByteBuffer(0, got));
      at += got;
    }
    return content.getValue();
  }
}
