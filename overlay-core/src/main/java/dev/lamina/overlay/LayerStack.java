package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
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

/** The opened root directories of all layers, topmost first, and the work directory. */
final class LayerStack implements AutoCloseable {
  private static final Name SELF = Name.of(".");

  private final DescriptorCache cache;
  private final List<LayerDir> roots = new ArrayList<>();
  private final List<Long> filesystems = new ArrayList<>();
  private WorkDirectory work;
  private XattrNamespace xattrs;
  private Origins origins;

  private LayerStack(OverlayOptions options) {
    this.cache = new DescriptorCache(options.maxIdleDirectories());
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

  /**
   * trusted.* is invisible without CAP_SYS_ADMIN, so an ordinary user's layers are marked user.*.
   */
  private static XattrNamespace readableXattrs(OverlayOptions.PrivateXattrs wanted) {
    return switch (wanted) {
      case TRUSTED -> XattrNamespace.TRUSTED;
      case USER -> XattrNamespace.USER;
      case AUTO -> Identity.processUid() == 0 ? XattrNamespace.TRUSTED : XattrNamespace.USER;
    };
  }

  private void openAll(OverlayOptions options) throws ErrnoException {
    if (options.upper().isPresent()) {
      Path workPath =
          options
              .work()
              .orElseThrow(
                  () -> new ErrnoException(Errno.EINVAL, "an upper directory needs a work one"));
      work = WorkDirectory.open(workPath.toString());
      xattrs = chooseXattrs(options.privateXattrs(), work);
      Path upperPath = options.upper().get();
      addLayer(upperPath, format(options.upperMarks()), true);
      requireSameFilesystem(upperPath, workPath);
    } else {
      xattrs = readableXattrs(options.privateXattrs());
    }
    for (LowerLayer lower : options.lowers()) {
      addLayer(lower.path(), format(lower.marks()), false);
    }
    if (work != null) {
      origins = Origins.of(roots());
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
      At.stat(fd, stat);
    } catch (ErrnoException e) {
      Fd.close(fd);
      throw e.about(label);
    }
    Layer layer = new Layer(label, format, upper, filesystemOf(stat));
    roots.add(LayerDir.root(layer, cache, fd));
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
    Stat stat = new Stat();
    At.stat(work.fd(), stat);
    if (stat.dev != filesystems.get(0)) {
      throw new ErrnoException(
          Errno.EXDEV,
          "workdir " + workPath + " is not on the filesystem of upperdir " + upperPath);
    }
  }

  /** Tries what this process may set: trusted xattrs need CAP_SYS_ADMIN (xattr(7)). */
  private static XattrNamespace chooseXattrs(
      OverlayOptions.PrivateXattrs wanted, WorkDirectory work) throws ErrnoException {
    if (wanted != OverlayOptions.PrivateXattrs.AUTO) {
      return readableXattrs(wanted);
    }
    try {
      Xattr.set(work.fd(), SELF, XattrNamespace.TRUSTED.opaque(), new byte[] {'n'}, 0);
      Xattr.remove(work.fd(), SELF, XattrNamespace.TRUSTED.opaque());
      return XattrNamespace.TRUSTED;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EPERM || e.errno() == Errno.EOPNOTSUPP) {
        return XattrNamespace.USER;
      }
      throw e;
    }
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
  }
}
