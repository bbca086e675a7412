package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.data.PartialFile;
import dev.lamina.overlay.data.PartialFiles;
import dev.lamina.overlay.event.OverlayEvents;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.index.IndexDirectory;
import dev.lamina.overlay.index.IndexedFile;
import dev.lamina.overlay.merge.DataLayers;
import dev.lamina.overlay.merge.Following;
import dev.lamina.overlay.merge.Resolution;
import dev.lamina.overlay.merge.Resolver;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.IndexHome;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.Link;
import dev.lamina.overlay.node.LowerInode;
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
  private static final ThreadLocal<Resolution> RESOLUTION =
      ThreadLocal.withInitial(Resolution::new);

  private static final ThreadLocal<Stat> DATA_STAT = ThreadLocal.withInitial(Stat::new);

  /** The unit of {@link Stat#blocks}. */
  private static final int BLOCK = 512;

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
      caches.knownNames.increment();
      return known;
    }
    Resolution resolution = RESOLUTION.get();
    return resolve(parent, name, resolution) ? add(parent, name, resolution) : null;
  }

  private boolean resolve(DirNode parent, Name name, Resolution out) throws ErrnoException {
    if (parent.isKnownAbsent(name)) {
      caches.knownAbsences.increment();
      return false;
    }
    caches.resolvedNames.increment();
    if (resolver.resolve(parent.parts(), 0, name, out)) {
      return true;
    }
    parent.noteAbsent(name, !out.isHidden());
    return false;
  }

  /** As {@link #find}, and fills the attributes; no second look at what was just found. */
  Node find(DirNode parent, Name name, Stat stat) throws ErrnoException {
    Node node = table.acquire(parent, name);
    if (node == null) {
      Resolution resolution = RESOLUTION.get();
      if (!resolve(parent, name, resolution)) {
        return null;
      }
      node = add(parent, name, resolution);
      try {
        if (node instanceof FileNode file && file.isJoined()) {
          stat(node, stat);
        } else {
          stat.set(resolution.stat);
          present(node, stat);
        }
      } catch (ErrnoException e) {
        table.release(node, 1);
        throw e;
      }
      return node;
    }
    caches.knownNames.increment();
    try {
      if (node instanceof FileNode file && file.inUpper() && !file.isJoined()) {
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
      upper.layer().owners().read(fd, name, stat);
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
    if (index != null && found.stat.nlink > 1) {
      FileNode file = addJoined(parent, name, found);
      if (file != null) {
        return file;
      }
    }
    if (holder.layer().upper()) {
      long promoted = promotedIno(holder, name, found);
      return addUpperFile(parent, bytes, found.stat, promoted, upperData(found));
    }
    FileNode.Home home = new FileNode.Home(holder, bytes);
    return table.addFile(parent, bytes, ino, found.stat.mode, home, found.dataOr(home));
  }

  private DataSource upperData(Resolution found) {
    DataSource data = found.dataOr(DataSource.UPPER);
    return data instanceof DataSource.InUpper || partials == null
        ? data
        : partials.sourceOf(found.stat.ino, data);
  }

  /** As {@link #upperData}, of the promoted file at {@code home}. */
  private DataSource promotedData(IndexHome home, int type, DataSource below)
      throws ErrnoException {
    if (!index.isMetacopy(home, type)) {
      return DataSource.UPPER;
    }
    Stat stat = DATA_STAT.get();
    At.stat(home.directory(), Name.of(home.name()), stat);
    if (stat.size == 0) {
      return DataSource.UPPER_MARKED;
    }
    return partials == null ? below : partials.sourceOf(stat.ino, below);
  }

  /** The node of one of several names of a lower file, promoted or not; null for other files. */
  private FileNode addJoined(DirNode parent, Name name, Resolution found) throws ErrnoException {
    LayerDir holder = found.holder();
    byte[] bytes = found.nameOf(name);
    int type = found.stat.mode;
    if (!holder.layer().upper()) {
      LowerInode inode = new LowerInode(holder.layer().filesystem(), found.stat.ino);
      FileNode known = table.acquireJoined(parent, bytes, inode);
      if (known != null) {
        return known;
      }
      IndexHome home = index.ofLower(holder, name, found.stat);
      FileNode.Home lower = new FileNode.Home(holder, bytes);
      DataSource below = found.dataOr(lower);
      DataSource data = home == null ? below : promotedData(home, type, below);
      return table.addJoined(parent, bytes, inode, found.ino(), type, data, lower, home);
    }
    int fd = holder.pin();
    try {
      IndexedFile file = index.ofUpper(fd, name, found.stat);
      return file == null
          ? null
          : table.addJoined(
              parent, bytes, file.inode(), file.ino(), type, upperData(found), null, file.home());
    } finally {
      holder.unpin();
    }
  }

  /** Number of the lower file that the upper's was promoted from, or its own. */
  private long promotedIno(LayerDir upper, Name name, Resolution found) throws ErrnoException {
    int fd = upper.pin();
    try {
      long ino = origins.ino(fd, name, found.realType());
      int shown = found.stat.mode & FileMode.S_IFMT;
      if (ino == 0 && shown != found.realType()) {
        // What stands in for a device may be the copy of a real one.
        ino = origins.ino(fd, name, shown);
      }
      return ino != 0 ? ino : upper.layer().ino(found.stat.ino);
    } finally {
      upper.unpin();
    }
  }

  /** The node of a new file of the upper, with one reference. */
  FileNode addUpperFile(DirNode parent, byte[] name, Stat real) {
    long ino = parent.upper().layer().ino(real.ino);
    return addUpperFile(parent, name, real, ino, DataSource.UPPER);
  }

  /** The node of a file of the upper, with one more reference; one for all its hard links. */
  private FileNode addUpperFile(DirNode parent, byte[] name, Stat real, long ino, DataSource data) {
    return table.addUpperFile(parent, name, real.ino, ino, real.mode, real.nlink > 1, data);
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

  /**
   * Whether anything below the upper shows at {@code name} once the upper has nothing there. Under
   * the name lock of {@code parent}, as the answer is kept.
   */
  boolean lowerShows(DirNode parent, Name name) throws ErrnoException {
    if (!parent.hasLower()) {
      return false;
    }
    Link link = table.link(parent, name);
    if (link != null && link.isAlone()) {
      return false;
    }
    int from = parent.inUpper() ? 1 : 0;
    boolean shows = resolver.shows(parent.parts(), from, name, RESOLUTION.get().stat);
    if (!shows && link != null) {
      link.markAlone();
    }
    return shows;
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

  /** Attributes of {@code node} as the merged tree shows them; under the shared tree lock. */
  void stat(Node node, Stat stat) throws ErrnoException {
    RealObject object = RealObject.ofThread(node);
    try {
      statStored(object, stat);
    } finally {
      object.letGo();
    }
    present(node, stat);
  }

  /** Attributes of {@code object} as its layer keeps them, owner records counted in. */
  void statStored(RealObject object, Stat stat) throws ErrnoException {
    object.stat(stat);
    object.readOwner(object.layer() == null ? owners : object.layer().owners(), stat);
  }

  /** Turns the attributes that a layer keeps into those of the merged tree. */
  void present(Node node, Stat stat) {
    stat.ino = node.ino();
    ownership.show(stat);
    if (node instanceof FileNode file && file.data() != DataSource.UPPER) {
      presentData(file, stat);
    }
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
    } else if (node instanceof FileNode file && file.indexHome() != null) {
      stat.nlink += file.indexHome().hiddenLinks();
    }
  }

  private static void presentData(FileNode file, Stat stat) {
    if (file.data() instanceof PartialFile partial) {
      partial.present(stat);
    } else {
      stat.blocks = dataBlocks(file, stat);
    }
  }

  /** What the data takes up: as much as its size, as long as nobody looked for it. */
  private static long dataBlocks(FileNode file, Stat stat) {
    DataSource data = file.data();
    if (data instanceof DataSource.Unsought || data instanceof DataSource.Interrupted) {
      return guessedBlocks(stat);
    }
    if (data == DataSource.UPPER_MARKED) {
      // Those of the upper are for the mark.
      return 0;
    }
    if (!(data instanceof FileNode.Home home) || home == file.lowerHome()) {
      return stat.blocks;
    }
    Stat below = DATA_STAT.get();
    try {
      RealObject object = RealObject.ofLower(home);
      try {
        object.stat(below);
      } finally {
        object.letGo();
      }
    } catch (ErrnoException e) {
      // No reason for the operation to fail, which may be done by now.
      return guessedBlocks(stat);
    }
    return below.blocks;
  }

  private static long guessedBlocks(Stat stat) {
    long size = stat.blksize;
    return (stat.size + size - 1) / size * size / BLOCK;
  }

  /** Fills {@code out}, which takes over one reference of {@code node}; attributes are there. */
  static void fill(Node node, Entry out) {
    out.node = node.id();
    out.generation = node.generation();
  }
}
