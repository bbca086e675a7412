package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.data.PartialFile;
import dev.lamina.overlay.data.PartialFiles;
import dev.lamina.overlay.event.OverlayEvents;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.index.IndexDirectory;
import dev.lamina.overlay.merge.DataLayers;
import dev.lamina.overlay.merge.Following;
import dev.lamina.overlay.merge.Resolver;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.node.NodeTable;
import dev.lamina.overlay.node.RealObject;
import dev.lamina.overlay.node.TreeLock;
import dev.lamina.overlay.origin.Origins;
import dev.lamina.overlay.owner.OwnerRecords;
import dev.lamina.overlay.owner.Ownership;
import dev.lamina.overlay.promote.JoinedFiles;
import dev.lamina.overlay.promote.Promoter;
import dev.lamina.overlay.promote.WorkDirectory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What all operations share: the nodes, the locks, the way into the upper. The operations
 * themselves are in classes by subject ({@link Creation}, {@link Removal}, {@link Renaming}, ...).
 */
final class Union {
  final NodeTable table;
  final List<AttributeListener> listeners = new CopyOnWriteArrayList<>();
  final TreeLock lock = new TreeLock();
  final Syncs syncs;

  /** Null when the union is read-only, as {@link #promoter}. */
  final WorkDirectory work;

  final Promoter promoter;

  /** Large files on their way up; null when the union is read-only. */
  final PartialFiles partials;

  /** Null when the union is read-only. */
  final Origins origins;

  /** Null where hard links of lowers part when one of them is promoted. */
  final IndexDirectory index;

  /** Null as {@link #index}. */
  final JoinedFiles joined;

  /** Format of the topmost layer: which names and xattrs users may not use. */
  final LayerFormat format;

  final Resolver resolver;

  /** Which node a name stands for. */
  final Lookup names;

  /** Which attributes a node shows. */
  final Presentation shown;

  final DataLayers dataLayers;

  /** Which owners are shown for those that layers keep. */
  final Ownership ownership;

  /** Where the topmost layer keeps owners. */
  final OwnerRecords owners;

  /** Whether any layer keeps owners in xattrs, which are then no attributes of users. */
  final boolean recordsOwners;

  /** Whether directories that merge with a lower may move, which else is EXDEV. */
  final boolean makesRedirects;

  final Redirects redirects;

  /** Added to what users' opens ask of real files. */
  final int openFlags;

  final OverlayEvents events;
  final CacheCounts caches = new CacheCounts();

  Union(LayerStack stack, OverlayOptions options) throws ErrnoException {
    this.events = new OverlayEvents(options.listeners());
    LayerDir[] roots = stack.roots();
    RedirectDir redirectDir = stack.redirectDir();
    boolean metacopies = stack.makesMetacopies();
    this.dataLayers = new DataLayers(stack.dataRoots());
    this.resolver =
        new Resolver(
            roots, Following.everything(redirectDir.follows(), metacopies, !dataLayers.isEmpty()));
    this.openFlags = options.accessTimes() ? 0 : OpenFlags.O_NOATIME;
    this.work = stack.work();
    this.origins = stack.origins();
    this.owners = roots[0].layer().owners();
    this.index = stack.index();
    this.joined = index == null ? null : new JoinedFiles(index, origins);
    this.format = roots[0].layer().format();
    this.ownership = options.ownership();
    this.recordsOwners = stack.recordsOwners();
    this.makesRedirects = redirectDir == RedirectDir.ON;
    this.redirects = new Redirects(format, resolver, work);
    Stat stat = new Stat();
    int fd = roots[0].pin();
    try {
      At.stat(fd, stat);
    } finally {
      roots[0].unpin();
    }
    this.table = new NodeTable(roots[0].layer().ino(stat.ino), roots);
    this.partials = work == null ? null : partials(options, metacopies);
    this.shown = new Presentation(ownership, owners);
    this.names = new Lookup(table, resolver, lock, shown, caches, partials, origins, index);
    this.syncs = new Syncs(!options.syncOnRequest(), partials);
    this.promoter =
        work == null
            ? null
            : new Promoter(
                work,
                origins,
                index,
                owners,
                lock,
                options.syncBeforePublish(),
                format.xattrs(),
                metacopies,
                dataLayers,
                partials,
                this::announce,
                events);
  }

  private PartialFiles partials(OverlayOptions options, boolean metacopies) throws ErrnoException {
    PartialFiles files =
        new PartialFiles(
            work.base(),
            work.fd(),
            format.xattrs(),
            table,
            lock,
            options.syncBeforePublish(),
            metacopies ? options.partialFrom() : Long.MAX_VALUE,
            options.partialQuiet(),
            this::announce,
            events);
    if (files.anyInterrupted() && !metacopies) {
      files.close(() -> false);
      throw new ErrnoException(
          Errno.EINVAL, "files of the upper are promoted in part: it needs metacopies to be on");
    }
    return files;
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

  /** Before the upper's entry of {@code moved} gets a name in {@code to}, which must know. */
  void carryOrigin(Node moved, int fromDir, Name name, DirNode to, int toDir)
      throws ErrnoException {
    boolean merged = moved instanceof DirNode directory && directory.isMerged();
    origins.carry(fromDir, name, merged, to, toDir);
  }

  /**
   * Makes sure that a joined file is in the upper by {@code name}, if it still stands for it, and
   * not just by some other. The caller holds no locks.
   */
  void bringUp(FileNode file, DirNode parent, Name name) throws ErrnoException {
    promoter.promote(file, Promoter.NO_DATA);
    promoter.promoteDirectory(parent);
    lock.exclusive().lock();
    try {
      parent.lockNames();
      try {
        boolean still = table.peek(parent, name) == file && file.isJoined();
        if (still && joined.linkUp(file, parent, name)) {
          announce(file.id());
        }
      } finally {
        parent.unlockNames();
      }
    } finally {
      lock.exclusive().unlock();
    }
  }

  /** After a name of {@code file} in the upper went, under the exclusive tree lock. */
  void leaveIndexIfUnused(FileNode file) {
    if (joined != null && joined.leaveIfUnused(file)) {
      table.forgetJoined(file);
    }
  }

  /** Before the upper's name of {@code node} comes or goes, under the exclusive tree lock. */
  void settleCount(Node node) throws ErrnoException {
    if (joined != null && node instanceof FileNode file) {
      joined.settle(file);
    }
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

  /** As {@link #onObject}, on the object that has the data of {@code file}. */
  int onData(FileNode file, ObjectCall call) throws ErrnoException {
    findData(file);
    lock.shared().lock();
    try {
      RealObject object = RealObject.ofData(file);
      try {
        return call.on(object);
      } finally {
        object.letGo();
      }
    } finally {
      lock.shared().unlock();
    }
  }

  /** Makes sure that it is known where the data of {@code file} is; ENOENT where it is nowhere. */
  void findData(FileNode file) throws ErrnoException {
    if (promoter == null ? dataLayers.find(file) : promoter.findData(file)) {
      // What it takes up was a guess until now.
      announce(file.id());
      events.tell();
    }
  }

  /** A change of attributes of a promoted object. */
  interface AttributeCall {
    void make() throws ErrnoException;
  }

  /**
   * Makes {@code call} on the attributes of {@code node}, which is in the upper. Where its data may
   * still come up, which puts back what writing it changes, the two take turns.
   */
  static void changeAttributes(Node node, AttributeCall call) throws ErrnoException {
    if (node instanceof FileNode file && !file.ownsData()) {
      synchronized (file) {
        if (file.data() instanceof PartialFile partial) {
          partial.beforeAttributeChange();
        }
        call.make();
      }
    } else {
      call.make();
    }
  }

  /** Fills {@code out}, which takes over one reference of {@code node}; attributes are there. */
  static void fill(Node node, Entry out) {
    out.node = node.id();
    out.generation = node.generation();
  }
}
