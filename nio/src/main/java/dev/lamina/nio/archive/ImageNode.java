package dev.lamina.nio.archive;

import dev.lamina.layer.tar.TarXattr;
import dev.lamina.linux.FileMode;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** One object of an image. Changes while the image is read, and never again. */
public final class ImageNode {
  private final long number;
  private final int type;
  private final NavigableMap<byte[], ImageNode> children;

  private int permissions;
  private int uid;
  private int gid;
  private long mtime;
  private int mtimeNanos;
  private byte[] target = {};
  private long device;
  private List<TarXattr> xattrs = List.of();
  private Extent data = Extent.EMPTY;
  private int names;

  /** The last layer that has this object. */
  private int layer;

  ImageNode(long number, int type, int layer) {
    this.number = number;
    this.type = type;
    this.layer = layer;
    this.children = type == FileMode.S_IFDIR ? new TreeMap<>(Arrays::compareUnsigned) : null;
  }

  /** The same file under another number, without a name. */
  ImageNode copy(long newNumber, int newLayer) {
    ImageNode copy = new ImageNode(newNumber, type, newLayer);
    copy.describe(permissions, uid, gid);
    copy.time(mtime, mtimeNanos);
    copy.target = target;
    copy.device = device;
    copy.xattrs = xattrs;
    copy.data = data;
    return copy;
  }

  void describe(int newPermissions, int newUid, int newGid) {
    permissions = newPermissions;
    uid = newUid;
    gid = newGid;
  }

  void time(long seconds, int nanos) {
    mtime = seconds;
    mtimeNanos = nanos;
  }

  void xattrs(List<TarXattr> all) {
    xattrs = all;
  }

  void target(byte[] path) {
    target = path;
  }

  void device(long newDevice) {
    device = newDevice;
  }

  void data(Extent where) {
    data = where;
  }

  int layer() {
    return layer;
  }

  void layer(int latest) {
    layer = latest;
  }

  void put(byte[] name, ImageNode child) {
    children.put(name, child);
    child.names++;
  }

  /** Takes a name away, and with a directory all that is in it. */
  void remove(byte[] name) {
    // Not by recursion: links let an archive make a tree of any depth.
    Deque<ImageNode> unnamed = new ArrayDeque<>();
    ImageNode child = children.remove(name);
    while (child != null) {
      child.names--;
      if (child.isDirectory()) {
        unnamed.addAll(child.children.values());
        child.children.clear();
      }
      child = unnamed.poll();
    }
  }

  /** Inode number; that of the root is 1. */
  public long number() {
    return number;
  }

  /** Type and permissions, as {@code st_mode}. */
  public int mode() {
    return type | permissions;
  }

  /** Whether it is a directory. */
  public boolean isDirectory() {
    return type == FileMode.S_IFDIR;
  }

  /** Whether it is a symbolic link. */
  public boolean isSymlink() {
    return type == FileMode.S_IFLNK;
  }

  /** Number of the owner. */
  public int uid() {
    return uid;
  }

  /** Number of the group. */
  public int gid() {
    return gid;
  }

  /** Seconds of the modification time, the only one that archives keep. */
  public long mtime() {
    return mtime;
  }

  /** Nanoseconds of the time of the last change. */
  public int mtimeNanos() {
    return mtimeNanos;
  }

  /** Number of a device node. */
  public long device() {
    return device;
  }

  /** How many names lead here; of a directory, as Linux counts them. */
  public int links() {
    if (!isDirectory()) {
      return names;
    }
    return 2 + (int) children.values().stream().filter(ImageNode::isDirectory).count();
  }

  /** Bytes of a file's data or a link's target. */
  public long size() {
    return isSymlink() ? target.length : data.size();
  }

  /** Target of a symbolic link; not to be changed. */
  public byte[] target() {
    return target;
  }

  /** What is in a directory, in byte order; not to be changed. */
  public NavigableMap<byte[], ImageNode> children() {
    return children;
  }

  /** Extended attributes. */
  public List<TarXattr> xattrs() {
    return xattrs;
  }

  /** Where the data of a regular file is. */
  public Extent data() {
    return data;
  }
}
