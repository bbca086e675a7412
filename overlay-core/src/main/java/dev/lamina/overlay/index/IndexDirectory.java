package dev.lamina.overlay.index;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.format.LinkCount;
import dev.lamina.overlay.format.Metacopy;
import dev.lamina.overlay.format.OriginHandle;
import dev.lamina.overlay.format.XattrNamespace;
import dev.lamina.overlay.node.IndexHome;
import dev.lamina.overlay.node.Layer;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.LowerInode;
import dev.lamina.overlay.origin.Origins;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The entries of the index. An entry is a hard link to a promoted file; its name is the file's
 * {@code overlay.origin} in hexadecimal digits, so it is found from any name of the lower file. It
 * stays until the file has no name in the merged tree. Entries come and go under the exclusive tree
 * lock and are looked up under the shared one.
 */
public final class IndexDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IndexDirectory.class);

  private final int fd;
  private final XattrNamespace xattrs;
  private final Origins origins;

  /** How many entries there are: with none, no lookup costs anything. */
  private final AtomicInteger entries;

  /**
   * The index open as {@code fd}, which this takes over.
   *
   * @param entries how many there are
   */
  IndexDirectory(int fd, XattrNamespace xattrs, Origins origins, int entries) {
    this.fd = fd;
    this.xattrs = xattrs;
    this.origins = origins;
    this.entries = new AtomicInteger(entries);
  }

  /** The name of the entry for a file with the origin {@code value}. */
  static Name entryName(byte[] value) throws ErrnoException {
    Name name = Name.of(HexFormat.of().formatHex(value));
    if (value.length == 0 || name.length() > Name.NAME_MAX) {
      throw new ErrnoException(Errno.EOPNOTSUPP, "file handle of " + value.length + " bytes");
    }
    return name;
  }

  /** The origin that an entry's name spells, or null. */
  static byte[] originOf(Name entry) {
    byte[] name = entry.toBytes();
    try {
      return HexFormat.of().parseHex(new String(name, StandardCharsets.US_ASCII));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Whether the data of the file at {@code home}, of that type, is still below. */
  public boolean isMetacopy(IndexHome home, int type) throws ErrnoException {
    return FileMode.isRegular(type) && Metacopy.isMarked(fd, Name.of(home.name()), xattrs);
  }

  /**
   * Where the lower file {@code name}, of which {@code lower} tells, is in the upper; null as long
   * as none of its names was promoted.
   *
   * @throws ErrnoException EIO for an entry that is no copy of such a file, as kernel overlayfs
   */
  public IndexHome ofLower(LayerDir holder, Name name, Stat lower) throws ErrnoException {
    if (entries.get() == 0) {
      return null;
    }
    int dirfd = holder.pin();
    try {
      Name entry = entryName(origins.valueOf(holder.layer(), dirfd, name));
      Stat copy = new Stat();
      return At.stat(fd, entry, copy) ? home(entry, copy, lower) : null;
    } finally {
      holder.unpin();
    }
  }

  /** What is known of the upper's file {@code name}; null where it is not indexed. */
  public IndexedFile ofUpper(int dirfd, Name name, Stat upper) throws ErrnoException {
    if (entries.get() == 0) {
      return null;
    }
    byte[] value = Xattr.get(dirfd, name, xattrs.origin());
    OriginHandle handle = value == null ? null : OriginHandle.decode(value);
    Stat lower = new Stat();
    Layer layer = handle == null ? null : origins.find(handle, lower);
    if (layer == null) {
      return null;
    }
    Name entry = entryName(value);
    Stat copy = new Stat();
    if (!At.stat(fd, entry, copy) || copy.ino != upper.ino) {
      return null;
    }
    LowerInode inode = new LowerInode(layer.filesystem(), lower.ino);
    return new IndexedFile(inode, layer.ino(lower.ino), home(entry, copy, lower));
  }

  private IndexHome home(Name entry, Stat copy, Stat lower) throws ErrnoException {
    if (((copy.mode ^ lower.mode) & FileMode.S_IFMT) != 0) {
      throw new ErrnoException(Errno.EIO, "index entry " + entry + " is of another type");
    }
    int names = LinkCount.decode(Xattr.get(fd, entry, xattrs.nlink()), copy.nlink, lower.nlink);
    return new IndexHome(fd, entry.toBytes(), names - copy.nlink, lower.nlink);
  }

  /**
   * Marks the copy {@code to} as one that is going to be an entry, in which no name is lost yet.
   *
   * @param name the lower file in {@code dirfd}, a directory of {@code source}
   */
  public void mark(Layer source, int dirfd, Name name, Stat lower, int toDir, Name to)
      throws ErrnoException {
    Xattr.set(toDir, to, xattrs.origin(), origins.valueOf(source, dirfd, name), 0);
    byte[] count = LinkCount.relativeToLower(lower.nlink, lower.nlink);
    Xattr.set(toDir, to, xattrs.nlink(), count, 0);
  }

  /** Makes the marked copy {@code from} an entry. */
  public IndexHome add(int fromDir, Name from) throws ErrnoException {
    byte[] value = Xattr.get(fromDir, from, xattrs.origin());
    OriginHandle handle = value == null ? null : OriginHandle.decode(value);
    Stat lower = new Stat();
    if (handle == null || origins.find(handle, lower) == null) {
      throw new ErrnoException(Errno.EIO, "a lower file vanished while it was promoted");
    }
    Name entry = entryName(value);
    At.rename(fromDir, from, fd, entry, At.RENAME_NOREPLACE);
    entries.incrementAndGet();
    return new IndexHome(fd, entry.toBytes(), lower.nlink - 1, lower.nlink);
  }

  /** Gives the file of {@code home} one more link in the upper, for a name that it has already. */
  public IndexHome linkKnownName(IndexHome home, int toDir, Name to) throws ErrnoException {
    Name entry = Name.of(home.name());
    int names = stat(home).nlink + home.hiddenLinks();
    record(entry, LinkCount.relativeToLower(names, home.lowerLinks()));
    At.link(fd, entry, toDir, to);
    IndexHome linked = home.withHiddenLinks(home.hiddenLinks() - 1);
    try {
      settle(linked);
    } catch (ErrnoException e) {
      // What is there is right, and the next change settles first: the link must not look failed.
      LOG.warn("a link count stays relative to the lower: {}", e.getMessage());
    }
    return linked;
  }

  /**
   * Before a name of the upper comes or goes: sees to it that the count which is on disk stays
   * right, see {@link LinkCount}.
   */
  public void settle(IndexHome home) throws ErrnoException {
    int links = stat(home).nlink;
    record(Name.of(home.name()), LinkCount.relativeToUpper(links + home.hiddenLinks(), links));
  }

  private void record(Name entry, byte[] count) throws ErrnoException {
    if (!Arrays.equals(Xattr.get(fd, entry, xattrs.nlink()), count)) {
      Xattr.set(fd, entry, xattrs.nlink(), count, 0);
    }
  }

  /** Whether the file of {@code home} has no name in the merged tree any more. */
  public boolean isUnused(IndexHome home) throws ErrnoException {
    return stat(home).nlink + home.hiddenLinks() <= 0;
  }

  private Stat stat(IndexHome home) throws ErrnoException {
    Stat copy = new Stat();
    if (!At.stat(fd, Name.of(home.name()), copy)) {
      throw new ErrnoException(Errno.ESTALE, "an index entry vanished");
    }
    return copy;
  }

  /** Removes the entry. */
  public void remove(IndexHome home) throws ErrnoException {
    At.unlink(fd, Name.of(home.name()));
    entries.decrementAndGet();
  }

  @Override
  public void close() {
    Fd.close(fd);
  }
}
