package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.merge.Resolution;
import dev.lamina.overlay.merge.Resolver;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.node.NodeTable;
import dev.lamina.overlay.node.RealObject;
import dev.lamina.overlay.node.TreeLock;
import dev.lamina.overlay.origin.Origins;
import dev.lamina.overlay.promote.Promoter;
import dev.lamina.overlay.promote.WorkDirectory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What all operations share: the nodes, the locks, the way into the upper. The operations
 * themselves are in classes by subject ({@link Creation}, {@link Removal}, {@link Renaming}, ...).
 */
final class Union {
  private static final ThreadLocal<Resolution> RESOLUTION =
      ThreadLocal.withInitial(Resolution::new);

  final NodeTable table;
  final List<AttributeListener> listeners = new CopyOnWriteArrayList<>();
  final TreeLock lock = new TreeLock();
  final Syncs syncs;

  /** Null when the union is read-only, as {@link #promoter}. */
  final WorkDirectory work;

  final Promoter promoter;

  /** Null when the union is read-only. */
  final Origins origins;

  /** Format of the topmost layer: which names and xattrs users may not use. */
  final LayerFormat format;

  final Resolver resolver;

  /** Whether directories that merge with a lower may move, which else is EXDEV. */
  final boolean makesRedirects;

  final Redirects redirects;

  Union(LayerStack stack, OverlayOptions options) throws ErrnoException {
    LayerDir[] roots = stack.roots();
    RedirectDir redirectDir = stack.redirectDir();
    this.resolver = new Resolver(roots, redirectDir.follows());
    this.syncs = new Syncs(!options.syncOnRequest());
    this.work = stack.work();
    this.origins = stack.origins();
    this.promoter =
        work == null
            ? null
            : new Promoter(work, origins, lock, options.syncBeforePublish(), this::announce);
    this.format = roots[0].layer().format();
    this.makesRedirects = redirectDir == RedirectDir.ON;
    this.redirects = new Redirects(format);
    Stat stat = new Stat();
    int fd = roots[0].pin();
    try {
      At.stat(fd, stat);
    } finally {
      roots[0].unpin();
    }
    this.table = new NodeTable(roots[0].layer().ino(stat.ino), roots);
  }

  void announce(long node) {
    for (AttributeListener listener : listeners) {
      listener.attributesChanged(node);
    }
  }

  /** The node of {@code id}; ESTALE where there is none. */
  Node node(long id) throws ErrnoException {
    Node node = table.get(id);
    if (node == null) {
      throw new ErrnoException(Errno.ESTALE, "node " + id);
    }
    return node;
  }

  /** The directory of {@code id}; ENOTDIR where it is something else. */
  DirNode directory(long id) throws ErrnoException {
    if (node(id) instanceof DirNode directory) {
      return directory;
    }
    throw new ErrnoException(Errno.ENOTDIR, "node " + id);
  }

  /** The file of {@code id}; EISDIR where it is a directory. */
  FileNode file(long id) throws ErrnoException {
    if (node(id) instanceof FileNode file) {
      return file;
    }
    throw new ErrnoException(Errno.EISDIR, "node " + id);
  }

  void requireWritable() throws ErrnoException {
    if (work == null) {
      throw new ErrnoException(Errno.EROFS, "union without an upper");
    }
  }

  /** Refuses what cannot name an entry: EINVAL, ENAMETOOLONG. */
  static void requireComponent(Name name) throws ErrnoException {
    if (name.length() > Name.NAME_MAX) {
      throw new ErrnoException(Errno.ENAMETOOLONG, "name of " + name.length() + " bytes");
    }
    if (!name.isComponent()) {
      throw new ErrnoException(Errno.EINVAL, "name '" + name + "'");
    }
  }

  /** As {@link #requireComponent}, and refuses names that the upper would read as marks. */
  void requireNewName(Name name) throws ErrnoException {
    requireComponent(name);
    if (format.isMark(name)) {
      throw new ErrnoException(Errno.EINVAL, "name '" + name + "' is a whiteout's");
    }
  }

  /** As {@link #find(DirNode, Name, Stat)}, taking the locks. */
  Node lookup(DirNode parent, Name name, Stat stat) throws ErrnoException {
    lock.shared().lock();
    try {
      parent.lockNames();
      try {
        return find(parent, name, stat);
      } finally {
        parent.unlockNames();
      }
    } finally {
      lock.shared().unlock();
    }
  }

  /**
   * The node that {@code name} stands for, with one more reference, or null. Under the shared tree
   * lock and the parent's name lock.
   */
  Node find(DirNode parent, Name name) throws ErrnoException {
    Node known = table.acquire(parent, name);
    if (known != null) {
      return known;
    }
    Resolution resolution = RESOLUTION.get();
    return resolver.resolve(parent.parts(), 0, name, resolution)
        ? add(parent, name, resolution)
        : null;
  }

  /** As {@link #find}, and fills the attributes; no second look at what was just found. */
  Node find(DirNode parent, Name name, Stat stat) throws ErrnoException {
    Node node = table.acquire(parent, name);
    if (node == null) {
      Resolution resolution = RESOLUTION.get();
      if (!resolver.resolve(parent.parts(), 0, name, resolution)) {
        return null;
      }
      node = add(parent, name, resolution);
      stat.set(resolution.stat);
      present(node, stat);
      return node;
    }
    try {
      if (node instanceof FileNode file && file.inUpper()) {
        // By this very name: another of its names may be in a directory that is not locked.
        statUpper(parent.upper(), name, stat);
        present(node, stat);
      } else {
        stat(node, stat);
      }
    } catch (ErrnoException e) {
      table.release(node, 1);
      throw e;
    }
    return node;
  }

  private static void statUpper(LayerDir upper, Name name, Stat stat) throws ErrnoException {
    int fd = upper.pin();
    try {
      if (!At.stat(fd, name, stat)) {
        throw new ErrnoException(Errno.ESTALE, upper + "/" + name + " vanished");
      }
    } finally {
      upper.unpin();
    }
  }

  private Node add(DirNode parent, Name name, Resolution found) throws ErrnoException {
    LayerDir holder = found.holder();
    long ino = found.ino();
    byte[] bytes = found.nameOf(name);
    if (found.stat.isDirectory()) {
      return table.addDirectory(parent, bytes, ino, found.parts());
    }
    return holder.layer().upper()
        ? addUpperFile(parent, bytes, found.stat, promotedIno(holder, name, found.stat))
        : table.addFile(parent, bytes, ino, found.stat.mode, new FileNode.Home(holder, bytes));
  }

  /** Number of the lower file that the upper's was promoted from, or its own. */
  private long promotedIno(LayerDir upper, Name name, Stat real) throws ErrnoException {
    int fd = upper.pin();
    try {
      long ino = origins.ino(fd, name, real);
      return ino != 0 ? ino : upper.layer().ino(real.ino);
    } finally {
      upper.unpin();
    }
  }

  /** The node of a new file of the upper, with one reference. */
  FileNode addUpperFile(DirNode parent, byte[] name, Stat real) {
    return addUpperFile(parent, name, real, parent.upper().layer().ino(real.ino));
  }

  /** The node of a file of the upper, with one more reference; one for all its hard links. */
  private FileNode addUpperFile(DirNode parent, byte[] name, Stat real, long ino) {
    return table.addUpperFile(parent, name, real.ino, ino, real.mode, real.nlink > 1);
  }

  /** Before the upper's entry of {@code moved} gets a name in {@code to}, which must know. */
  void carryOrigin(Node moved, int fromDir, Name name, DirNode to, int toDir)
      throws ErrnoException {
    boolean merged = moved instanceof DirNode directory && directory.isMerged();
    origins.carry(fromDir, name, merged, to, toDir);
  }

  /** Whether anything below the upper shows at {@code name} once the upper has nothing there. */
  boolean lowerShows(DirNode parent, Name name) throws ErrnoException {
    if (!parent.hasLower()) {
      return false;
    }
    int from = parent.inUpper() ? 1 : 0;
    return resolver.resolve(parent.parts(), from, name, RESOLUTION.get());
  }

  /** Cuts off what lies below {@code directory}, which is in the upper, on disk. */
  void makeOpaque(DirNode directory) throws ErrnoException {
    int fd = directory.upper().pin();
    try {
      format.markOpaque(fd, Name.of("."));
    } finally {
      directory.upper().unpin();
    }
  }

  /** One or two system calls on the object behind a node; the result is the caller's. */
  interface ObjectCall {
    int on(RealObject object) throws ErrnoException;
  }

  /** Makes {@code call} on the object behind {@code node}, held still meanwhile. */
  int onObject(Node node, ObjectCall call) throws ErrnoException {
    lock.shared().lock();
    try {
      RealObject object = RealObject.ofThread(node);
      try {
        return call.on(object);
      } finally {
        object.letGo();
      }
    } finally {
      lock.shared().unlock();
    }
  }

  /** Attributes of {@code node} as the merged tree shows them; under the shared tree lock. */
  void stat(Node node, Stat stat) throws ErrnoException {
    RealObject object = RealObject.ofThread(node);
    try {
      object.stat(stat);
    } finally {
      object.letGo();
    }
    present(node, stat);
  }

  /** Turns the attributes of the real object into those of the merged tree. */
  static void present(Node node, Stat stat) {
    stat.ino = node.ino();
    if (node instanceof DirNode directory) {
      if (directory.isRemoved()) {
        stat.nlink = 0;
      } else if (directory.isMerged()) {
        // Nobody counts subdirectories over layers; 1 tells programs so, as in kernel overlayfs.
        stat.nlink = 1;
      }
    } else if (node.link() == null && !node.inUpper()) {
      // Removed while it was open: the lower still has the name, the merged tree has not.
      stat.nlink = 0;
    }
  }

  /** Fills {@code out}, which takes over one reference of {@code node}; attributes are there. */
  static void fill(Node node, Entry out) {
    out.node = node.id();
    out.generation = node.generation();
  }
}
