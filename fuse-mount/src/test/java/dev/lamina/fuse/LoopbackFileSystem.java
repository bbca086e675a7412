package dev.lamina.fuse;

import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.StatFs;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.AttributeChange;
import dev.lamina.overlay.Caller;
import dev.lamina.overlay.DirectorySink;
import dev.lamina.overlay.Entry;
import dev.lamina.overlay.InodeFileSystem;
import dev.lamina.overlay.Opened;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One directory of the host as it is: what the mount is tested against. Each node is an {@code
 * O_PATH} descriptor; hard links share one. Tests look at what is left at the end: no node but the
 * root, no handle.
 */
class LoopbackFileSystem implements InodeFileSystem, AutoCloseable {
  private final Map<Long, Node> nodes = new ConcurrentHashMap<>();
  private final Map<Identifier, Node> byIdentifier = new HashMap<>();
  private final Map<Long, Integer> files = new ConcurrentHashMap<>();
  private final Map<Long, List<Item>> listings = new ConcurrentHashMap<>();
  private final AtomicLong nextHandle = new AtomicLong(1);
  private long nextNode = ROOT;

  private record Identifier(long dev, long ino) {}

  private static final class Node {
    final long id;
    final int fd;
    final Identifier identifier;
    long lookups = 1;

    Node(long id, int fd, Identifier identifier) {
      this.id = id;
      this.fd = fd;
      this.identifier = identifier;
    }
  }

  private static final class Item {
    final byte[] name;
    final long ino;
    final int type;

    Item(byte[] name, long ino, int type) {
      this.name = name;
      this.ino = ino;
      this.type = type;
    }
  }

  LoopbackFileSystem(Path directory) throws ErrnoException {
    Entry root = new Entry();
    register(At.openDirectory(At.FDCWD, Name.of(directory.toString())), root);
  }

  /** Nodes that somebody holds, the root not counted. */
  synchronized int heldNodes() {
    return nodes.size() - 1;
  }

  int openHandles() {
    return files.size();
  }

  @Override
  public synchronized void close() {
    nodes.values().forEach(node -> Fd.close(node.fd));
    nodes.clear();
    byIdentifier.clear();
  }

  private int fd(long node) throws ErrnoException {
    Node found = nodes.get(node);
    if (found == null) {
      throw new ErrnoException(Errno.ESTALE, "node " + node);
    }
    return found.fd;
  }

  private int handle(long handle) throws ErrnoException {
    Integer fd = files.get(handle);
    if (fd == null) {
      throw new ErrnoException(Errno.EBADF, "handle " + handle);
    }
    return fd;
  }

  private synchronized void register(int fd, Entry out) throws ErrnoException {
    At.stat(fd, out.stat);
    Identifier identifier = new Identifier(out.stat.dev, out.stat.ino);
    Node node = byIdentifier.get(identifier);
    if (node == null) {
      node = new Node(nextNode++, fd, identifier);
      byIdentifier.put(identifier, node);
      nodes.put(node.id, node);
    } else {
      node.lookups++;
      Fd.close(fd);
    }
    out.node = node.id;
    out.generation = 0;
  }

  private void enter(long parent, Name name, Entry out) throws ErrnoException {
    if (!lookup(parent, name, out)) {
      throw new ErrnoException(Errno.ENOENT, "lookup");
    }
  }

  @Override
  public boolean lookup(long parent, Name name, Entry out) throws ErrnoException {
    int fd = At.openIfExists(fd(parent), name, OpenFlags.O_PATH);
    if (fd < 0) {
      return false;
    }
    register(fd, out);
    return true;
  }

  @Override
  public synchronized void forget(long id, long count) {
    Node node = nodes.get(id);
    if (node == null || id == ROOT) {
      return;
    }
    node.lookups -= count;
    if (node.lookups <= 0) {
      nodes.remove(id);
      byIdentifier.remove(node.identifier);
      Fd.close(node.fd);
    }
  }

  @Override
  public void getattr(long node, Stat out) throws ErrnoException {
    At.stat(fd(node), out);
  }

  @Override
  public void setattr(Caller caller, long node, long handle, AttributeChange change, Stat out)
      throws ErrnoException {
    int fd = fd(node);
    getattr(node, out);
    if (change.has(AttributeChange.SIZE)) {
      int writable = Fd.reopen(fd, OpenFlags.O_WRONLY);
      Fd.truncate(writable, change.size);
      Fd.close(writable);
    }
    if (change.has(AttributeChange.UID | AttributeChange.GID)) {
      int open = Fd.reopen(fd, OpenFlags.O_RDONLY);
      Fd.chown(
          open,
          change.has(AttributeChange.UID) ? change.uid : -1,
          change.has(AttributeChange.GID) ? change.gid : -1);
      Fd.close(open);
    }
    if (change.has(AttributeChange.MODE)) {
      Fd.chmodPath(fd, change.mode);
    } else if (change.has(AttributeChange.KILL_PRIVILEGES)) {
      int cleared = FileMode.S_ISUID | ((out.mode & 0010) != 0 ? FileMode.S_ISGID : 0);
      Fd.chmodPath(fd, out.mode & FileMode.PERMISSIONS & ~cleared);
    } else if (change.has(AttributeChange.KILL_SETGID)) {
      Fd.chmodPath(fd, out.mode & FileMode.PERMISSIONS & ~FileMode.S_ISGID);
    }
    if (change.has(AttributeChange.ATIME | AttributeChange.MTIME)) {
      int open = Fd.reopen(fd, OpenFlags.O_RDONLY);
      Fd.utimens(
          open,
          change.atime,
          nanos(change, AttributeChange.ATIME, AttributeChange.ATIME_NOW, change.atimeNanos),
          change.mtime,
          nanos(change, AttributeChange.MTIME, AttributeChange.MTIME_NOW, change.mtimeNanos));
      Fd.close(open);
    }
    getattr(node, out);
  }

  private static int nanos(AttributeChange change, int set, int now, int nanos) {
    if (!change.has(set)) {
      return At.UTIME_OMIT;
    }
    return change.has(now) ? At.UTIME_NOW : nanos;
  }

  @Override
  public int readlink(long node, NativeMemory target, int at, int size) throws ErrnoException {
    return At.readlink(fd(node), Name.of(""), target, at, size);
  }

  @Override
  public void mknod(Caller caller, long parent, Name name, int mode, long device, Entry out)
      throws ErrnoException {
    Identity.assume(caller.uid, caller.gid, caller.umask);
    At.mknod(fd(parent), name, mode, device);
    enter(parent, name, out);
  }

  @Override
  public void mkdir(Caller caller, long parent, Name name, int mode, Entry out)
      throws ErrnoException {
    Identity.assume(caller.uid, caller.gid, caller.umask);
    At.mkdir(fd(parent), name, mode);
    enter(parent, name, out);
  }

  @Override
  public void symlink(Caller caller, long parent, Name name, Name target, Entry out)
      throws ErrnoException {
    Identity.assume(caller.uid, caller.gid, caller.umask);
    At.symlink(target, fd(parent), name);
    enter(parent, name, out);
  }

  @Override
  public void link(Caller caller, long node, long newParent, Name newName, Entry out)
      throws ErrnoException {
    At.linkDescriptor(fd(node), fd(newParent), newName);
    enter(newParent, newName, out);
  }

  @Override
  public void unlink(Caller caller, long parent, Name name) throws ErrnoException {
    At.unlink(fd(parent), name);
  }

  @Override
  public void rmdir(Caller caller, long parent, Name name) throws ErrnoException {
    At.rmdir(fd(parent), name);
  }

  @Override
  public void rename(Caller caller, long parent, Name name, long newParent, Name newName, int flags)
      throws ErrnoException {
    At.rename(fd(parent), name, fd(newParent), newName, flags);
  }

  @Override
  public void open(Caller caller, long node, int flags, Opened out) throws ErrnoException {
    out.handle = nextHandle.getAndIncrement();
    files.put(out.handle, Fd.reopen(fd(node), flags));
  }

  @Override
  public void create(
      Caller caller, long parent, Name name, int mode, int flags, Entry out, Opened opened)
      throws ErrnoException {
    Identity.assume(caller.uid, caller.gid, caller.umask);
    int fd = At.open(fd(parent), name, flags | OpenFlags.O_CREAT | OpenFlags.O_EXCL, mode);
    enter(parent, name, out);
    opened.handle = nextHandle.getAndIncrement();
    files.put(opened.handle, fd);
  }

  @Override
  public int read(long handle, NativeMemory memory, int at, int size, long offset)
      throws ErrnoException {
    return Fd.pread(handle(handle), memory, at, size, offset);
  }

  @Override
  public int write(long handle, NativeMemory memory, int at, int size, long offset)
      throws ErrnoException {
    return Fd.pwrite(handle(handle), memory, at, size, offset);
  }

  @Override
  public void flush(long handle) throws ErrnoException {
    handle(handle);
  }

  @Override
  public void fsync(long handle, boolean dataOnly) throws ErrnoException {
    if (dataOnly) {
      Fd.syncData(handle(handle));
    } else {
      Fd.sync(handle(handle));
    }
  }

  @Override
  public void release(long handle) {
    Integer fd = files.remove(handle);
    if (fd != null) {
      Fd.close(fd);
    }
  }

  @Override
  public long seek(long handle, long offset, int whence) throws ErrnoException {
    return Fd.seek(handle(handle), offset, whence);
  }

  @Override
  public void fallocate(long handle, int mode, long offset, long length) throws ErrnoException {
    Fd.allocate(handle(handle), mode, offset, length);
  }

  @Override
  public long copyRange(long from, long fromOffset, long to, long toOffset, long length)
      throws ErrnoException {
    return Fd.copyRange(handle(from), fromOffset, handle(to), toOffset, length);
  }

  @Override
  public void readdir(long node, long offset, boolean withEntries, DirectorySink sink)
      throws ErrnoException {
    // The kernel may read on from here what it had cached and dropped: offset 0 need not come.
    if (offset == 0 || !listings.containsKey(node)) {
      listings.put(node, list(fd(node)));
    }
    List<Item> items = listings.get(node);
    Entry entry = new Entry();
    for (int i = (int) offset; i < items.size(); i++) {
      Item item = items.get(i);
      if (!sink.fits(item.name.length)) {
        return;
      }
      boolean found = withEntries && i >= 2 && lookup(node, Name.of(item.name), entry);
      sink.accept(item.name, 0, item.name.length, item.ino, item.type, i + 1, found ? entry : null);
    }
  }

  private static List<Item> list(int directory) throws ErrnoException {
    List<Item> items = new ArrayList<>();
    int type = FileMode.directoryType(FileMode.S_IFDIR);
    items.add(new Item(".".getBytes(StandardCharsets.US_ASCII), 1, type));
    items.add(new Item("..".getBytes(StandardCharsets.US_ASCII), 1, type));
    int fd = Fd.reopen(directory, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    DirectoryReader reader = new DirectoryReader().reset(fd);
    while (reader.next()) {
      items.add(new Item(reader.name().toBytes(), reader.ino(), reader.type()));
    }
    Fd.close(fd);
    return items;
  }

  @Override
  public void fsyncdir(long node, boolean dataOnly) throws ErrnoException {
    fd(node);
  }

  @Override
  public void statfs(StatFs out) throws ErrnoException {
    out.read(fd(ROOT));
  }

  @Override
  public int getxattr(long node, Name name, NativeMemory value, int at, int size)
      throws ErrnoException {
    return Xattr.get(fd(node), name, value, at, size);
  }

  @Override
  public void setxattr(
      Caller caller, long node, Name name, NativeMemory value, int at, int size, int flags)
      throws ErrnoException {
    Xattr.set(fd(node), name, value, at, size, flags);
  }

  @Override
  public int listxattr(Caller caller, long node, NativeMemory list, int at, int size)
      throws ErrnoException {
    return Xattr.list(fd(node), list, at, size);
  }

  @Override
  public void removexattr(Caller caller, long node, Name name) throws ErrnoException {
    Xattr.remove(fd(node), name);
  }

  @Override
  public void syncfs() throws ErrnoException {
    Fd.syncFilesystem(fd(ROOT));
  }
}
