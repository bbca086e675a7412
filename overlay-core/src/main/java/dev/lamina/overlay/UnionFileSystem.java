package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.StatFs;
import dev.lamina.overlay.data.PartialFiles;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.DescriptorCache;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.Node;

/** The union behind the seam: finds the nodes that a call names and hands on to its subject. */
final class UnionFileSystem implements InodeFileSystem {
  private final Union union;
  private final Attributes attributes;
  private final ExtendedAttributes xattrs;
  private final FileIoctls ioctls;
  private final Creation creation;
  private final Removal removal;
  private final Renaming renaming;
  private final OpenFiles files;
  private final Directories directories;

  UnionFileSystem(Union union) {
    this.union = union;
    attributes = new Attributes(union);
    xattrs = new ExtendedAttributes(union);
    ioctls = new FileIoctls(union);
    creation = new Creation(union);
    removal = new Removal(union);
    renaming = new Renaming(union, removal);
    files = new OpenFiles(union);
    directories = new Directories(union);
  }

  int nodes() {
    return union.table.size();
  }

  OverlayMetrics metrics(DescriptorCache directories) {
    return OverlayMetrics.of(union, directories);
  }

  @Override
  public boolean lookup(long parent, Name name, Entry out) throws ErrnoException {
    Union.requireComponent(name);
    Node node = union.names.lookup(union.directory(parent), name, out.stat);
    if (node == null) {
      return false;
    }
    Union.fill(node, out);
    return true;
  }

  @Override
  public void forget(long id, long count) {
    Node node = union.table.get(id);
    if (node != null) {
      union.table.release(node, count);
    }
  }

  @Override
  public void getattr(long node, Stat out) throws ErrnoException {
    attributes.get(union.node(node), out);
  }

  @Override
  public void setattr(Caller caller, long node, long handle, AttributeChange change, Stat out)
      throws ErrnoException {
    int fd = handle == 0 ? -1 : files.get(handle).fdForWriting();
    attributes.set(union.node(node), fd, change, out);
  }

  @Override
  public int readlink(long node, NativeMemory target, int at, int size) throws ErrnoException {
    return attributes.readlink(union.node(node), target, at, size);
  }

  @Override
  public void mknod(Caller caller, long parent, Name name, int mode, long device, Entry out)
      throws ErrnoException {
    creation.mknod(caller, parent, name, mode, device, out);
  }

  @Override
  public void mkdir(Caller caller, long parent, Name name, int mode, Entry out)
      throws ErrnoException {
    creation.mkdir(caller, parent, name, mode, out);
  }

  @Override
  public void symlink(Caller caller, long parent, Name name, Name target, Entry out)
      throws ErrnoException {
    creation.symlink(caller, parent, name, target, out);
  }

  @Override
  public void link(Caller caller, long node, long newParent, Name newName, Entry out)
      throws ErrnoException {
    creation.link(caller, node, newParent, newName, out);
  }

  @Override
  public void unlink(Caller caller, long parent, Name name) throws ErrnoException {
    removal.unlink(parent, name);
  }

  @Override
  public void rmdir(Caller caller, long parent, Name name) throws ErrnoException {
    removal.rmdir(parent, name);
  }

  @Override
  public void rename(Caller caller, long parent, Name name, long newParent, Name newName, int flags)
      throws ErrnoException {
    renaming.rename(parent, name, newParent, newName, flags);
  }

  @Override
  public void open(Caller caller, long node, int flags, Opened out) throws ErrnoException {
    files.open(union.file(node), flags, out);
  }

  @Override
  public void renew(long node) throws ErrnoException {
    union.table.renew(union.file(node), node);
  }

  @Override
  public long newestId(long node) throws ErrnoException {
    return union.node(node).id();
  }

  @Override
  public void create(
      Caller caller, long parent, Name name, int mode, int flags, Entry out, Opened opened)
      throws ErrnoException {
    int fd = creation.createFile(caller, parent, name, mode, files.realFlags(flags), out);
    files.add((FileNode) union.table.get(out.node), flags, fd, DataSource.UPPER, opened);
  }

  @Override
  public void tmpfile(Caller caller, long parent, int mode, int flags, Entry out, Opened opened)
      throws ErrnoException {
    int fd = creation.createNameless(caller, parent, mode, files.realFlags(flags), out);
    files.add((FileNode) union.table.get(out.node), flags, fd, DataSource.UPPER, opened);
  }

  @Override
  public void ioctl(long node, int command, NativeMemory argument, int at, int size)
      throws ErrnoException {
    ioctls.run(union.node(node), command, argument, at, size);
  }

  @Override
  public int read(long handle, NativeMemory memory, int at, int size, long offset)
      throws ErrnoException {
    return files.read(handle, memory, at, size, offset);
  }

  @Override
  public int write(long handle, NativeMemory memory, int at, int size, long offset)
      throws ErrnoException {
    return files.write(handle, memory, at, size, offset);
  }

  @Override
  public void flush(long handle) throws ErrnoException {
    files.get(handle);
  }

  @Override
  public void fsync(long handle, boolean dataOnly) throws ErrnoException {
    files.fsync(handle, dataOnly);
  }

  @Override
  public void release(long handle) {
    files.release(handle);
  }

  @Override
  public long seek(long handle, long offset, int whence) throws ErrnoException {
    return files.seek(handle, offset, whence);
  }

  @Override
  public void fallocate(long handle, int mode, long offset, long length) throws ErrnoException {
    files.allocate(handle, mode, offset, length);
  }

  @Override
  public long copyRange(long from, long fromOffset, long to, long toOffset, long length)
      throws ErrnoException {
    return files.copyRange(from, fromOffset, to, toOffset, length);
  }

  @Override
  public void readdir(long node, long offset, boolean withEntries, DirectorySink sink)
      throws ErrnoException {
    directories.read(union.directory(node), offset, withEntries, sink);
  }

  @Override
  public void fsyncdir(long node, boolean dataOnly) throws ErrnoException {
    directories.fsync(union.directory(node), dataOnly);
  }

  @Override
  public void statfs(StatFs out) throws ErrnoException {
    LayerDir top = union.table.root().top();
    out.read(top.pin());
    top.unpin();
  }

  @Override
  public int getxattr(long node, Name name, NativeMemory value, int at, int size)
      throws ErrnoException {
    return xattrs.get(union.node(node), name, value, at, size);
  }

  @Override
  public void setxattr(
      Caller caller, long node, Name name, NativeMemory value, int at, int size, int flags)
      throws ErrnoException {
    xattrs.set(union.node(node), name, value, at, size, flags);
  }

  @Override
  public int listxattr(Caller caller, long node, NativeMemory list, int at, int size)
      throws ErrnoException {
    return xattrs.list(caller, union.node(node), list, at, size);
  }

  @Override
  public void removexattr(Caller caller, long node, Name name) throws ErrnoException {
    xattrs.remove(union.node(node), name);
  }

  @Override
  public void addAttributeListener(AttributeListener listener) {
    union.listeners.add(listener);
  }

  @Override
  public void removeAttributeListener(AttributeListener listener) {
    union.listeners.remove(listener);
  }

  @Override
  public void requestFailed(String operation, long node, int errno) {
    Node known = union.table.get(node);
    union.events.requestFailed(operation, known == null ? 0 : known.ino(), errno);
  }

  @Override
  public void syncfs() throws ErrnoException {
    DirNode root = union.table.root();
    if (!root.inUpper()) {
      return;
    }
    int readable =
        At.open(root.top().pin(), Name.of("."), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    try {
      union.syncs.syncFilesystem(readable);
    } finally {
      Fd.close(readable);
      root.top().unpin();
    }
  }

  /** How many nodes are remembered, the root included. */
  int nodeCount() {
    return union.table.size();
  }

  /** Goes on with promotions that an earlier mount did not finish. */
  void begin() {
    if (union.partials != null) {
      union.partials.begin(
          union.partials.anyInterrupted() ? new InterruptedPromotions(union)::resume : null);
    }
  }

  /** How many files are on their way up, for tests. */
  PartialFiles partials() {
    return union.partials;
  }

  /** Completes promotions, and closes every descriptor that handles and nodes still own. */
  void close() {
    if (union.partials != null) {
      union.work.end();
      union.partials.close(union.work::isAwaited);
    }
    release();
  }

  /** As {@link #close}, and completes nothing. */
  void abandon() {
    if (union.partials != null) {
      union.partials.abandon();
    }
    release();
  }

  private void release() {
    files.closeAll();
    union.table.close();
  }
}
