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
import dev.lamina.overlay.node.DescriptorCache;
import dev.lamina.overlay.node.Layer;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.origin.Origins;
import dev.lamina.overlay.promote.WorkDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The opened root directories of all layers, topmost first, and the work directory. */
final class LayerStack implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LayerStack.class);

  private final DescriptorCache cache;
  private final List<LayerDir> roots = new ArrayList<>();
  private final List<Long> filesystems = new ArrayList<>();
  private UpperLock upperLock;
  private WorkDirectory work;
  private XattrNamespace xattrs;
  private Origins origins;
  private final RedirectDir redirectDir;

  private LayerStack(OverlayOptions options) {
    this.cache = new DescriptorCache(options.maxIdleDirectories());
    this.redirectDir = options.redirectDir();
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
        stack.addLayer(options.upper().get(), stack.format(options.upperMarks()), false);
      }
      for (LowerLayer lower : options.lowers()) {
        stack.addLayer(lower.path(), stack.format(lower.marks()), false);
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
      xattrs = UpperProbe.of("upperdir " + upperPath, options.privateXattrs(), work);
      addLayer(upperPath, format(options.upperMarks()), true);
    } else {
      xattrs = readableXattrs(options.privateXattrs());
    }
    for (LowerLayer lower : options.lowers()) {
      addLayer(lower.path(), format(lower.marks()), false);
    }
    if (work != null) {
      origins = Origins.of(roots());
      if (options.volatileUpper()) {
        work.markVolatile();
      }
    }
  }

  private LayerFormat format(LowerLayer.Marks marks) {
    return marks == LowerLayer.Marks.KERNEL ? LayerFormat.kernel(xattrs) : LayerFormat.any(xattrs);
  }

  private void addLayer(Path path, LayerFormat format, boolean upper) throws ErrnoException {
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
    Layer layer = new Layer(roots.size(), label, format, upper, filesystemOf(stat));
    roots.add(LayerDir.root(layer, cache, fd));
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

  /** What becomes of redirects: none where any user could write one. */
  RedirectDir redirectDir() {
    return xattrs == XattrNamespace.USER ? RedirectDir.NOFOLLOW : redirectDir;
  }

  /** The layers' root directories, topmost first. */
  LayerDir[] roots() {
    return roots.toArray(LayerDir[]::new);
  }

  /** The work directory, or null for a read-only union. */
  WorkDirectory work() {
    return work;
  }

  /** How upper objects are known as what they were copied from, or null for a read-only union. */
  Origins origins() {
    return origins;
  }

  @Override
  public void close() {
    if (origins != null) {
      origins.close();
      origins = null;
    }
    cache.closeAll();
    for (LayerDir root : roots) {
      root.closeRoot();
    }
    roots.clear();
    if (work != null) {
      work.close();
      work = null;
    }
    if (upperLock != null) {
      upperLock.close();
      upperLock = null;
    }
  }
}
