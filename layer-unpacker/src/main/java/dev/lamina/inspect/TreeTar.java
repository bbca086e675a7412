package dev.lamina.inspect;

import dev.lamina.layer.tar.SparseMap;
import dev.lamina.layer.tar.TarEntry;
import dev.lamina.layer.tar.TarType;
import dev.lamina.layer.tar.TarWriter;
import dev.lamina.layer.tar.TarXattr;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Writes objects of a merged tree as entries of an archive: numeric owners, hard links (to the
 * first of a file's names that was written), devices, extended attributes with ACLs and
 * capabilities, and the holes of sparse files (in GNU's PAX format).
 *
 * <p>Left out are sockets, which tar does not know, and {@code security.selinux}, which is the
 * host's label and not the image's. For one thread.
 */
public final class TreeTar {
  /** Holes of fewer bytes are not worth a format that not every tar knows. */
  private static final long WORTHWHILE = 1 << 20;

  private static final String HOST_LABEL = "security.selinux";

  private final MergedTree tree;
  private final TarWriter tar;
  private final Optional<Instant> latest;

  /** The first name of each file that has several, by inode number. */
  private final Map<Long, byte[]> firstNames = new HashMap<>();

  /**
   * Writes to {@code tar}, which stays the caller's.
   *
   * @param latest modification times after it become it, in whole seconds, for archives that can be
   *     made again
   */
  public TreeTar(MergedTree tree, TarWriter tar, Optional<Instant> latest) {
    this.tree = tree;
    this.tar = tar;
    this.latest = latest;
  }

  /**
   * Writes one object.
   *
   * @param path its name in the archive
   * @param node held by the caller
   * @return bytes of content, or -1 for one that was left out
   */
  public long put(byte[] path, long node, Stat stat) throws IOException {
    TarType type = type(stat.mode);
    if (type == null) {
      return -1;
    }
    byte[] first =
        stat.nlink > 1 && type != TarType.DIRECTORY ? firstNames.putIfAbsent(stat.ino, path) : null;
    if (first != null) {
      tar.put(attributes(new TarEntry(TarType.HARD_LINK, path), stat).linkName(first));
      return 0;
    }
    TarEntry entry = attributes(new TarEntry(type, name(type, path)), stat);
    for (Map.Entry<String, byte[]> xattr : tree.xattrs(node).entrySet()) {
      if (!xattr.getKey().equals(HOST_LABEL)) {
        byte[] attribute = xattr.getKey().getBytes(StandardCharsets.ISO_8859_1);
        entry.xattr(new TarXattr(attribute, xattr.getValue()));
      }
    }
    if (type == TarType.SYMLINK) {
      entry.linkName(tree.target(node));
    } else if (MergedTree.isDevice(stat.mode)) {
      entry.device(FileMode.major(stat.rdev), FileMode.minor(stat.rdev));
    }
    if (type != TarType.REGULAR || stat.size == 0) {
      tar.put(entry);
      return 0;
    }
    putFile(node, stat, entry);
    return stat.size;
  }

  private static TarType type(int mode) {
    return switch (mode & FileMode.S_IFMT) {
      case FileMode.S_IFREG -> TarType.REGULAR;
      case FileMode.S_IFDIR -> TarType.DIRECTORY;
      case FileMode.S_IFLNK -> TarType.SYMLINK;
      case FileMode.S_IFCHR -> TarType.CHAR_DEVICE;
      case FileMode.S_IFBLK -> TarType.BLOCK_DEVICE;
      case FileMode.S_IFIFO -> TarType.FIFO;
      default -> null;
    };
  }

  /** A directory's name ends with a slash, as every tar writes it. */
  private static byte[] name(TarType type, byte[] path) {
    if (type != TarType.DIRECTORY) {
      return path;
    }
    byte[] name = Arrays.copyOf(path, path.length + 1);
    name[path.length] = '/';
    return name;
  }

  private TarEntry attributes(TarEntry entry, Stat stat) {
    boolean late = latest.isPresent() && stat.mtime >= latest.get().getEpochSecond();
    return entry
        .mode(stat.mode & FileMode.PERMISSIONS)
        .owner(stat.uid, stat.gid)
        .mtime(late ? latest.get().getEpochSecond() : stat.mtime, late ? 0 : stat.mtimeNanos);
  }

  private void putFile(long node, Stat stat, TarEntry entry) throws IOException {
    long size = stat.size;
    try (FileContent content = tree.open(node)) {
      SparseMap map = size - stat.blocks * 512 >= WORTHWHILE ? regions(content, size) : null;
      if (map == null) {
        SparseMap whole = new SparseMap();
        whole.add(0, size);
        tar.put(entry.size(size), new RegionStream(content, whole));
      } else {
        tar.putSparse(entry, map, new RegionStream(content, map));
      }
    } catch (ErrnoException e) {
      throw e.about(Name.printable(entry.name()));
    }
  }

  /** Where the file has data; null where that is in too many places for one header. */
  private static SparseMap regions(FileContent content, long size) throws IOException {
    SparseMap map = new SparseMap();
    long stored = 0;
    long at = content.nextData(0);
    while (at >= 0 && at < size) {
      if (map.count() == SparseMap.REGION_LIMIT - 1) {
        return null;
      }
      long end = Math.min(size, content.nextHole(at));
      map.add(at, end - at);
      stored += end - at;
      at = end < size ? content.nextData(end) : -1;
    }
    // Readers take the last region for the end of the file.
    if (map.count() == 0 || map.offset(map.count() - 1) + map.length(map.count() - 1) < size) {
      map.add(size, 0);
    }
    return map.complete(size, stored);
  }
}
