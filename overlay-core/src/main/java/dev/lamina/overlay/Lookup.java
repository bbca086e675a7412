package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.data.PartialFiles;
import dev.lamina.overlay.index.IndexDirectory;
import dev.lamina.overlay.index.IndexedFile;
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
import dev.lamina.overlay.node.TreeLock;
import dev.lamina.overlay.origin.Origins;

/**
 * Which node a name stands for: one that is known, or a new one for what the layers have there. How
 * layers become one is {@link Resolver}'s; here it becomes a node, one for all that are one file to
 * users.
 *
 * <p>What a directory is known not to have is remembered, since programs ask for that most: 49 ns,
 * where a look into five layers is five system calls. A name that is known takes 1.1 to 1.4 us,
 * nearly all of it the {@code statx}, and no garbage either ({@code SeamBenchmark}).
 */
final class Lookup {
  private static final ThreadLocal<Resolution> RESOLUTION =
      ThreadLocal.withInitial(Resolution::new);

  private static final ThreadLocal<Stat> DATA_STAT = ThreadLocal.withInitial(Stat::new);

  private final NodeTable table;
  private final Resolver resolver;
  private final TreeLock lock;
  private final Presentation shown;
  private final CacheCounts caches;
  private final PartialFiles partials;
  private final Origins origins;
  private final IndexDirectory index;

  /**
   * A lookup.
   *
   * @param partials null when the union is read-only, as {@code origins}
   * @param index null where hard links of lowers part when one of them is promoted
   */
  Lookup(
      NodeTable table,
      Resolver resolver,
      TreeLock lock,
      Presentation shown,
      CacheCounts caches,
      PartialFiles partials,
      Origins origins,
      IndexDirectory index) {
    this.table = table;
    this.resolver = resolver;
    this.lock = lock;
    this.shown = shown;
    this.caches = caches;
    this.partials = partials;
    this.origins = origins;
    this.index = index;
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
          shown.stat(node, stat);
        } else {
          stat.set(resolution.stat);
          shown.present(node, stat);
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
        shown.present(node, stat);
      } else {
        shown.stat(node, stat);
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
}
