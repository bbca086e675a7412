package dev.lamina.layer.tar;

import dev.lamina.linux.Printable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The header of one entry, after PAX and GNU extensions were applied. Setters return the entry, for
 * writers; what a {@link TarReader} hands out is not changed by it again.
 */
public final class TarEntry {
  private static final byte[] EMPTY = new byte[0];
  private static final int SHOWN_LIMIT = 256;

  private final TarType type;
  private final byte[] name;
  private byte[] linkName = EMPTY;
  private int mode;
  private int uid;
  private int gid;
  private long size;
  private long mtime;
  private int mtimeNanos;
  private int deviceMajor;
  private int deviceMinor;
  private final List<TarXattr> xattrs = new ArrayList<>();
  private SparseMap sparse;

  /** An entry; {@code name} is kept, not copied. */
  public TarEntry(TarType type, byte[] name) {
    this.type = type;
    this.name = name;
  }

  /** The same under another name, without what only a reader knows. */
  TarEntry copy(byte[] newName) {
    TarEntry copy = new TarEntry(type, newName);
    copy.linkName = linkName;
    copy.mode = mode;
    copy.uid = uid;
    copy.gid = gid;
    copy.size = size;
    copy.mtime = mtime;
    copy.mtimeNanos = mtimeNanos;
    copy.deviceMajor = deviceMajor;
    copy.deviceMinor = deviceMinor;
    copy.xattrs.addAll(xattrs);
    return copy;
  }

  /** What it is. */
  public TarType type() {
    return type;
  }

  /** The path as the archive has it: bytes, unchecked. */
  public byte[] name() {
    return name;
  }

  /** Target of a symbolic or hard link; empty for anything else. */
  public byte[] linkName() {
    return linkName;
  }

  /** Sets what a link leads to, any bytes. */
  public TarEntry linkName(byte[] target) {
    this.linkName = target;
    return this;
  }

  /** Permission bits with setuid, setgid and sticky. */
  public int mode() {
    return mode;
  }

  /** Sets the permission bits. */
  public TarEntry mode(int permissions) {
    this.mode = permissions;
    return this;
  }

  /** Numeric owner, an unsigned number that is never 0xffffffff. */
  public int uid() {
    return uid;
  }

  /** Number of the group. */
  public int gid() {
    return gid;
  }

  /** Sets the numbers of owner and group. */
  public TarEntry owner(int newUid, int newGid) {
    this.uid = newUid;
    this.gid = newGid;
    return this;
  }

  /** Bytes of data in the archive; for a sparse file fewer than it will have. */
  public long size() {
    return size;
  }

  /** Sets how many bytes of content follow. */
  public TarEntry size(long bytes) {
    this.size = bytes;
    return this;
  }

  /** Seconds since the epoch, negative before it. */
  public long mtime() {
    return mtime;
  }

  /** Nanoseconds within {@link #mtime}, never negative. */
  public int mtimeNanos() {
    return mtimeNanos;
  }

  /** Sets the time of the last change, since 1970. */
  public TarEntry mtime(long seconds, int nanos) {
    this.mtime = seconds;
    this.mtimeNanos = nanos;
    return this;
  }

  /** Major number of a device. */
  public int deviceMajor() {
    return deviceMajor;
  }

  /** Minor number of a device. */
  public int deviceMinor() {
    return deviceMinor;
  }

  /** Sets the numbers of a device. */
  public TarEntry device(int major, int minor) {
    this.deviceMajor = major;
    this.deviceMinor = minor;
    return this;
  }

  /** Extended attributes, in the order of the archive. */
  public List<TarXattr> xattrs() {
    return Collections.unmodifiableList(xattrs);
  }

  /** Adds an extended attribute. */
  public TarEntry xattr(TarXattr xattr) {
    xattrs.add(xattr);
    return this;
  }

  /** Where the data belongs in the file; null where it is the file. */
  public SparseMap sparse() {
    return sparse;
  }

  TarEntry sparse(SparseMap map) {
    this.sparse = map;
    return this;
  }

  @Override
  public String toString() {
    return shown(name);
  }

  /** A path for messages: its start and its end, if it is very long. */
  static String shown(byte[] path) {
    if (path.length <= SHOWN_LIMIT) {
      return Printable.of(path);
    }
    byte[] start = Arrays.copyOf(path, SHOWN_LIMIT / 2);
    byte[] end = Arrays.copyOfRange(path, path.length - SHOWN_LIMIT / 2, path.length);
    return Printable.of(start) + "..." + Printable.of(end);
  }
}
