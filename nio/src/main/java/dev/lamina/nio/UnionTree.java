package dev.lamina.nio;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.linux.StatFs;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.AttributeChange;
import dev.lamina.overlay.DirectorySink;
import dev.lamina.overlay.Entry;
import dev.lamina.overlay.InodeFileSystem;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The union over the seam, in this process. */
final class UnionTree implements WritableTree {
  /** Names that are fetched from a directory at a time. */
  private static final int BATCH = 512;

  private final InodeFileSystem inodes;
  private final boolean readOnly;
  private final Runnable whenClosed;
  private final UnionTools.Pool pool;

  /**
   * A tree over {@code inodes}.
   *
   * @param umask what files that are made do not get
   * @param whenClosed closes the union, if it is this tree's
   */
  UnionTree(InodeFileSystem inodes, boolean readOnly, int umask, Runnable whenClosed) {
    this.inodes = inodes;
    this.readOnly = readOnly;
    this.whenClosed = whenClosed;
    this.pool = new UnionTools.Pool(umask);
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
  }

  @Override
  public Found lookup(long directory, byte[] name) throws ErrnoException {
    return pool.with(
        t -> inodes.lookup(directory, t.name.set(name), t.entry) ? found(t.entry) : null);
  }

  private static Found found(Entry entry) {
    return new Found(entry.node, status(entry.stat));
  }

  private static FileStatus status(Stat stat) {
    FileTime modification = FileStatus.time(stat.mtime, stat.mtimeNanos);
    return new FileStatus(
        stat.mode,
        stat.dev,
        stat.ino,
        stat.rdev,
        stat.nlink,
        stat.uid,
        stat.gid,
        stat.size,
        FileStatus.time(stat.atime, stat.atimeNanos),
        modification,
        FileStatus.time(stat.ctime, stat.ctimeNanos),
        stat.btime == 0 ? modification : FileStatus.time(stat.btime, stat.btimeNanos));
  }

  @Override
  public void forget(long node) {
    if (node != ROOT) {
      inodes.forget(node, 1);
    }
  }

  @Override
  public FileStatus status(long node) throws ErrnoException {
    return pool.with(
        t -> {
          inodes.getattr(node, t.stat);
          return status(t.stat);
        });
  }

  @Override
  public byte[] target(long node) throws ErrnoException {
    return pool.with(t -> t.memory().copy(0, inodes.readlink(node, t.memory(), 0, Name.PATH_MAX)));
  }

  /** Takes names until it has a batch of them. */
  private static final class Names implements DirectorySink {
    private final List<byte[]> names;
    private int taken;
    private boolean full;
    private long next;

    Names(List<byte[]> names) {
      this.names = names;
    }

    @Override
    public boolean fits(int nameLength) {
      full = taken >= BATCH;
      return !full;
    }

    @Override
    public void accept(
        byte[] bytes, int from, int length, long ino, int type, long nextOffset, Entry entry) {
      next = nextOffset;
      taken++;
      byte[] name = Arrays.copyOfRange(bytes, from, from + length);
      if (!PathBytes.isDot(name) && !PathBytes.isDotDot(name)) {
        names.add(name);
      }
    }
  }

  @Override
  public long list(long directory, long offset, List<byte[]> names) throws ErrnoException {
    Names sink = new Names(names);
    inodes.readdir(directory, offset, false, sink);
    return sink.full ? sink.next : END;
  }

  @Override
  public Content open(long node, OpenRequest how) throws ErrnoException {
    FileStatus status = status(node);
    if (status.isDirectory()) {
      throw new ErrnoException(Errno.EISDIR, "open");
    }
    return pool.with(
        t -> {
          inodes.open(t.caller, node, how.flags(), t.opened);
          return UnionContent.of(inodes, pool, node, t.opened);
        });
  }

  @Override
  public Created create(long directory, byte[] name, int mode, OpenRequest how)
      throws ErrnoException {
    return pool.with(
        t -> {
          t.name.set(name);
          inodes.create(t.caller, directory, t.name, mode, how.flags(), t.entry, t.opened);
          return new Created(found(t.entry), UnionContent.of(inodes, pool, t.entry.node, t.opened));
        });
  }

  @Override
  public void mkdir(long directory, byte[] name, int mode) throws ErrnoException {
    make(name, (t, n) -> inodes.mkdir(t.caller, directory, n, mode, t.entry));
  }

  @Override
  public void symlink(long directory, byte[] name, byte[] target) throws ErrnoException {
    make(name, (t, n) -> inodes.symlink(t.caller, directory, n, t.other.set(target), t.entry));
  }

  @Override
  public void mknod(long directory, byte[] name, int mode, long device) throws ErrnoException {
    make(name, (t, n) -> inodes.mknod(t.caller, directory, n, mode, device, t.entry));
  }

  @Override
  public void link(long node, long directory, byte[] name) throws ErrnoException {
    if (FileMode.isDirectory(status(node).mode())) {
      throw new ErrnoException(Errno.EPERM, "link to a directory");
    }
    make(name, (t, n) -> inodes.link(t.caller, node, directory, n, t.entry));
  }

  private interface Maker {
    void make(UnionTools tools, Name name) throws ErrnoException;
  }

  private void make(byte[] name, Maker maker) throws ErrnoException {
    pool.with(
        t -> {
          maker.make(t, t.name.set(name));
          forget(t.entry.node);
          return null;
        });
  }

  @Override
  public void unlink(long directory, byte[] name) throws ErrnoException {
    pool.run(t -> inodes.unlink(t.caller, directory, t.name.set(name)));
  }

  @Override
  public void rmdir(long directory, byte[] name) throws ErrnoException {
    pool.run(t -> inodes.rmdir(t.caller, directory, t.name.set(name)));
  }

  @Override
  public void rename(long from, byte[] name, long to, byte[] newName) throws ErrnoException {
    pool.run(t -> inodes.rename(t.caller, from, t.name.set(name), to, t.other.set(newName), 0));
  }

  @Override
  public void chmod(long node, int mode) throws ErrnoException {
    AttributeChange change = new AttributeChange();
    change.set = AttributeChange.MODE;
    change.mode = mode;
    apply(node, change);
  }

  @Override
  public void chown(long node, int uid, int gid) throws ErrnoException {
    AttributeChange change = new AttributeChange();
    change.set = (uid == KEEP ? 0 : AttributeChange.UID) | (gid == KEEP ? 0 : AttributeChange.GID);
    change.uid = uid;
    change.gid = gid;
    apply(node, change);
  }

  @Override
  public void setTimes(long node, FileTime access, FileTime modification) throws ErrnoException {
    AttributeChange change = new AttributeChange();
    if (access != null) {
      change.set |= AttributeChange.ATIME;
      Instant instant = access.toInstant();
      change.atime = instant.getEpochSecond();
      change.atimeNanos = instant.getNano();
    }
    if (modification != null) {
      change.set |= AttributeChange.MTIME;
      Instant instant = modification.toInstant();
      change.mtime = instant.getEpochSecond();
      change.mtimeNanos = instant.getNano();
    }
    apply(node, change);
  }

  private void apply(long node, AttributeChange change) throws ErrnoException {
    pool.run(t -> inodes.setattr(t.caller, node, 0, change, t.stat));
  }

  @Override
  public byte[] xattr(long node, byte[] name) throws ErrnoException {
    return pool.with(
        t -> {
          int size = inodes.getxattr(node, t.name.set(name), t.memory(), 0, Xattr.SIZE_MAX);
          return size < 0 ? null : t.memory().copy(0, size);
        });
  }

  @Override
  public List<byte[]> xattrNames(long node) throws ErrnoException {
    byte[] names =
        pool.with(
            t ->
                t.memory()
                    .copy(0, inodes.listxattr(t.caller, node, t.memory(), 0, Xattr.SIZE_MAX)));
    List<byte[]> list = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < names.length; i++) {
      if (names[i] == 0) {
        list.add(Arrays.copyOfRange(names, start, i));
        start = i + 1;
      }
    }
    return list;
  }

  @Override
  public void setXattr(long node, byte[] name, byte[] value) throws ErrnoException {
    if (value.length > Xattr.SIZE_MAX) {
      throw new ErrnoException(Errno.E2BIG, "setxattr");
    }
    pool.run(
        t -> {
          t.memory().put(0, value, 0, value.length);
          inodes.setxattr(t.caller, node, t.name.set(name), t.memory(), 0, value.length, 0);
        });
  }

  @Override
  public void removeXattr(long node, byte[] name) throws ErrnoException {
    pool.run(t -> inodes.removexattr(t.caller, node, t.name.set(name)));
  }

  @Override
  public Room room() throws ErrnoException {
    StatFs room = new StatFs();
    inodes.statfs(room);
    long unit = room.fragmentSize > 0 ? room.fragmentSize : room.blockSize;
    return new Room(
        room.blocks * unit, room.freeBlocks * unit, room.availableBlocks * unit, room.blockSize);
  }

  @Override
  public void close() {
    whenClosed.run();
  }
}
