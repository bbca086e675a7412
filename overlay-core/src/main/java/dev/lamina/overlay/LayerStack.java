package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Mounts;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.format.XattrNamespace;
import dev.lamina.overlay.index.IndexDirectory;
import dev.lamina.overlay.index.IndexSetup;
import dev.lamina.overlay.node.DescriptorCache;
import dev.lamina.overlay.node.Layer;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.origin.Origins;
import dev.lamina.overlay.owner.OwnerRecords;
import dev.lamina.overlay.promote.WorkDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The opened root directories of all layers, topmost first, and the work directory. */
final class LayerStack implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LayerStack.class);

  private final DescriptorCache cache;
  private final List<LayerDir> roots = new ArrayList<>();
  private final List<LayerDir> dataRoots = new ArrayList<>();
  private final List<Long> filesystems = new ArrayList<>();
  private UpperLock upperLock;
  private WorkDirectory work;
  private XattrNamespace xattrs;
  private Origins origins;
  private IndexDirectory index;
  private final RedirectDir redirectDir;
  private final Metacopies metacopies;

  private LayerStack(OverlayOptions options) {
    this.cache = new DescriptorCache(options.maxIdleDirectories());
    this.redirectDir = options.redirectDir();
    this.metacopies = options.metacopies();
  }

  /** The descriptors of the layers' directories. */
  DescriptorCache directories() {
    return cache;
  }

  /** Opens all layers; whatever was opened is closed again when one fails. */
  static LayerStack open(OverlayOptions options) throws ErrnoException {
    LayerStack stack = new LayerStack(options);
    try {
      stack.openAll(options);
      return stack;
    } catch (ErrnoException | RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  /** Opens all layers, the upper like any other: nothing is locked, swept or written. */
  static LayerStack openForReading(OverlayOptions options) throws ErrnoException {
    LayerStack stack = new LayerStack(options);
    try {
      stack.xattrs = readableXattrs(options.privateXattrs());
      if (options.upper().isPresent()) {
        stack.addLayer(
            options.upper().get(),
            stack.format(options.upperMarks()),
            options.upperOwners(),
            false);
      }
      for (LowerLayer lower : options.lowers()) {
        stack.addLayer(lower.path(), stack.format(lower.marks()), lower.owners(), false);
      }
      return stack;
    } catch (ErrnoException | RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  private static XattrNamespace readableXattrs(OverlayOptions.PrivateXattrs wanted) {
    return switch (wanted) {
      case TRUSTED -> XattrNamespace.TRUSTED;
      case USER -> XattrNamespace.USER;
      case AUTO -> XattrNamespace.ofProcess();
    };
  }

  private void openAll(OverlayOptions options) throws ErrnoException {
    if (metacopies == Metacopies.ON && redirectDir != RedirectDir.ON) {
      throw new ErrnoException(Errno.EINVAL, "metacopies need redirects to be made");
    }
    // Before work is swept, which may be a layer by mistake.
    LayerOverlap.requireNone(options);
    if (options.upper().isPresent()) {
      Path workPath =
          options
              .work()
              .orElseThrow(
                  () -> new ErrnoException(Errno.EINVAL, "an upper directory needs a work one"));
      Path upperPath = options.upper().get();
      work = WorkDirectory.open(workPath.toString());
      upperLock = UpperLock.take(upperPath);
      requireSameFilesystem(upperPath, workPath);
      String label = "upperdir " + upperPath;
      xattrs = UpperProbe.of(label, options.privateXattrs(), work);
      OwnerRecords owners = UpperProbe.owners(label, options.upperOwners(), work);
      addLayer(upperPath, format(options.upperMarks()), owners, true);
    } else {
      xattrs = readableXattrs(options.privateXattrs());
    }
    for (LowerLayer lower : options.lowers()) {
      addLayer(lower.path(), format(lower.marks()), lower.owners(), false);
    }
    for (Path data : options.dataLowers()) {
      dataRoots.add(open(data, LayerFormat.kernel(xattrs), OwnerRecords.NONE, false));
    }
    if (work != null) {
      origins = Origins.of(roots());
      index = options.lowers().isEmpty() ? null : openIndex(options.index());
      if (options.volatileUpper()) {
        work.markVolatile();
      }
    }
  }

  /** The index, or null where there is none; a line in the log says why. */
  private IndexDirectory openIndex(Index wanted) throws ErrnoException {
    if (wanted == Index.OFF) {
      return null;
    }
    try {
      return IndexSetup.open(work.base(), roots(), origins);
    } catch (ErrnoException e) {
      boolean foreign =
          e.errno() == Errno.ESTALE || e.errno() == Errno.EINVAL || e.errno() == Errno.ENODATA;
      if (e.errno() != Errno.EOPNOTSUPP && !(foreign && wanted == Index.AUTO)) {
        throw e;
      }
      // Nobody asked for an index by name, and many stacks cannot have one: no reason to warn.
      Level level = foreign || wanted == Index.ON ? Level.WARN : Level.INFO;
      LOG.atLevel(level)
          .log("index=off, so hard links of lowers part when one is promoted: {}", e.getMessage());
      return null;
    }
  }

  private LayerFormat format(LowerLayer.Marks marks) {
    return marks == LowerLayer.Marks.KERNEL ? LayerFormat.kernel(xattrs) : LayerFormat.any(xattrs);
  }

  private void addLayer(Path path, LayerFormat format, OwnerRecords owners, boolean upper)
      throws ErrnoException {
    roots.add(open(path, format, owners, upper));
  }

  private LayerDir open(Path path, LayerFormat format, OwnerRecords owners, boolean upper)
      throws ErrnoException {
    String label = (upper ? "upperdir " : "lowerdir ") + path;
    int fd;
    try {
      fd = At.openHostPath(Name.of(path.toString()), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    } catch (ErrnoException e) {
      throw e.about(label);
    }
    Stat stat = new Stat();
    try {
      fd = upper ? fd : readOnlyView(fd);
      At.stat(fd, stat);
    } catch (ErrnoException e) {
      Fd.close(fd);
      throw e.about(label);
    }
    int position = roots.size() + dataRoots.size();
    Layer layer = new Layer(position, label, format, upper, filesystemOf(stat), owners);
    return LayerDir.root(layer, cache, fd);
  }

  /**
   * A view of a lower through which nobody can write, whatever a bug or a passthrough open asks;
   * without the privilege for it, the directory itself. Takes {@code fd} over.
   */
  private static int readOnlyView(int fd) {
    try {
      int view = Mounts.readOnlyView(fd);
      Fd.close(fd);
      return view;
    } catch (ErrnoException e) {
      LOG.debug("no view of a lower of our own", e);
      return fd;
    }
  }

  private int filesystemOf(Stat stat) {
    int known = filesystems.indexOf(stat.dev);
    if (known >= 0) {
      return known;
    }
    filesystems.add(stat.dev);
    return filesystems.size() - 1;
  }

  private void requireSameFilesystem(Path upperPath, Path workPath) throws ErrnoException {
    Stat upperStat = new Stat();
    Stat workStat = new Stat();
    At.stat(upperLock.fd(), upperStat);
    At.stat(work.fd(), workStat);
    if (upperStat.dev != workStat.dev) {
      throw new ErrnoException(
          Errno.EXDEV,
          "workdir " + workPath + " is not on the filesystem of upperdir " + upperPath);
    }
  }

  /** Whether any layer keeps owners in xattrs. */
  boolean recordsOwners() {
    return roots.stream().anyMatch(root -> root.layer().owners() != OwnerRecords.NONE);
  }

  /** What becomes of redirects: none where any user could write one. */
  RedirectDir redirectDir() {
    return xattrs == XattrNamespace.USER ? RedirectDir.NOFOLLOW : redirectDir;
  }

  /** Whether metadata is promoted alone, and metacopies are followed. */
  boolean makesMetacopies() {
    return metacopies != Metacopies.OFF && redirectDir() == RedirectDir.ON;
  }

  /** The layers' root directories, topmost first; without the data-only ones. */
  LayerDir[] roots() {
    return roots.toArray(LayerDir[]::new);
  }

  /** The root directories of the data-only layers, topmost first. */
  LayerDir[] dataRoots() {
    return dataRoots.toArray(LayerDir[]::new);
  }

  /** The work directory, or null for a read-only union. */
  WorkDirectory work() {
    return work;
  }

  /** How upper objects are known as what they were copied from, or null for a read-only union. */
  Origins origins() {
    return origins;
  }

  /** Where promoted hard links of lowers are found, or null where they part. */
  IndexDirectory index() {
    return index;
  }

  @Override
  public void close() {
    if (index != null) {
      index.close();
      index = null;
    }
    if (origins != null) {
      origins.close();
      origins = null;
    }
    cache.closeAll();
    roots.forEach(LayerDir::closeRoot);
    roots.clear();
    dataRoots.forEach(LayerDir::closeRoot);
    dataRoots.clear();
    if (upperLock != null) {
      upperLock.close();
      upperLock = null;
    }
    // Last: who waits for it takes the upper next.
    if (work != null) {
      work.close();
      work = null;
    }
  }
}
