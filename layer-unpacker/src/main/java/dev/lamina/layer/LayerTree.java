package dev.lamina.layer;

import dev.lamina.image.ImageException;
import dev.lamina.layer.Attributes.Values;
import dev.lamina.layer.LowerLayers.LowerEntry;
import dev.lamina.layer.tar.TarEntry;
import dev.lamina.layer.tar.TarReader;
import dev.lamina.layer.tar.TarType;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import java.io.IOException;
import java.util.Arrays;

/** The tree that a layer's entries build: one method for each kind of entry. */
final class LayerTree {
  private static final int CREATE_FILE = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;

  /** Of smaller files, metadata is most of the work, and that is written at the end in any case. */
  private static final int WRITE_BACK_FROM = 256 << 10;

  private final LayerContext context;
  private final DirectoryCache cache;
  private final Attributes attributes;
  private final LowerCopy lowerCopy;
  private final DirectoryMaker directories;
  private final ParentResolver resolver;
  private final FileData data = new FileData();
  private final Stat stat = new Stat();
  private final Name name = new Name();
  private boolean rootDescribed;

  /** A tree below {@code cache}'s root, which is empty. */
  LayerTree(LayerContext context, DirectoryCache cache) throws ErrnoException {
    this.context = context;
    this.cache = cache;
    this.attributes = new Attributes(context);
    this.lowerCopy = new LowerCopy(attributes);
    this.directories = new DirectoryMaker(context, cache, attributes, lowerCopy);
    this.resolver = new ParentResolver(context, cache, directories);
    directories.makeRoot();
  }

  /** Whether the layer has an entry for its root. */
  boolean rootDescribed() {
    return rootDescribed;
  }

  /** Applies one entry; its data comes from {@code tar}. */
  void apply(TarEntry entry, TarReader tar) throws IOException, InterruptedException {
    LayerPath path = LayerPath.parse(entry.name());
    switch (WhiteoutName.of(path)) {
      case NONE -> add(path, entry, tar);
      case WHITEOUT -> hide(path);
      case OPAQUE -> directories.makeOpaque(resolver.resolve(path.parent()));
      case AUFS_INTERNAL -> {}
    }
  }

  private void add(LayerPath path, TarEntry entry, TarReader tar)
      throws IOException, InterruptedException {
    EntryRules.check(path, entry);
    Values values =
        new Values(
            entry.uid(),
            entry.gid(),
            entry.mode(),
            entry.mtime(),
            entry.mtimeNanos(),
            entry.xattrs());
    if (path.isRoot()) {
      directories.describeRoot(values);
      rootDescribed = true;
      return;
    }
    OpenDirectory parent = resolver.resolve(path.parent());
    byte[] component = path.name();
    switch (entry.type()) {
      case REGULAR -> file(parent, component, entry, tar, values);
      case DIRECTORY -> directories.make(parent, component, values);
      case SYMLINK -> symlink(parent, component, entry, values);
      case HARD_LINK -> hardLink(parent, component, LayerPath.parse(entry.linkName()));
      case CHAR_DEVICE, BLOCK_DEVICE, FIFO -> node(parent, component, entry, values);
    }
  }

  private void file(
      OpenDirectory parent, byte[] component, TarEntry entry, TarReader tar, Values values)
      throws IOException {
    int fd = createFile(parent, component);
    try {
      context.payloads.begin(entry.size());
      if (entry.sparse() != null) {
        data.writeSparse(tar, entry.sparse(), fd);
      } else {
        long checksum = data.write(tar, fd);
        At.stat(fd, stat);
        context.contents.put(stat, checksum);
      }
      if (entry.size() >= WRITE_BACK_FROM) {
        // The disk is to be busy while the next ones are read, and not at the end alone.
        Fd.startWriteBack(fd);
      }
      context.payloads.end(parent.path().child(component), entry.sparse());
      attributes.applyToFile(parent, fd, values);
    } finally {
      Fd.close(fd);
    }
  }

  private int createFile(OpenDirectory parent, byte[] component) throws ErrnoException {
    clearAufsWhiteout(parent, component);
    try {
      return At.open(parent.fd(), name.set(component), CREATE_FILE, 0600);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
      directories.clear(parent, component);
      return At.open(parent.fd(), name.set(component), CREATE_FILE, 0600);
    }
  }

  /** Other dialects find a whiteout in the way when they create; a whiteout file is beside it. */
  private void clearAufsWhiteout(OpenDirectory parent, byte[] component) throws ErrnoException {
    if (context.dialect == Dialect.AUFS
        && context.dialect.hasWhiteout(parent.fd(), component, stat)) {
      context.dialect.removeWhiteout(parent.fd(), component);
    }
  }

  private void symlink(OpenDirectory parent, byte[] component, TarEntry entry, Values values)
      throws IOException {
    byte[] target = entry.linkName();
    directories.clear(parent, component);
    At.symlink(Name.of(target), parent.fd(), name.set(component));
    attributes.applyToNode(parent, name, values, true);
  }

  private void node(OpenDirectory parent, byte[] component, TarEntry entry, Values values)
      throws IOException {
    int type =
        entry.type() == TarType.FIFO
            ? FileMode.S_IFIFO
            : entry.type() == TarType.CHAR_DEVICE ? FileMode.S_IFCHR : FileMode.S_IFBLK;
    long device = FileMode.device(entry.deviceMajor(), entry.deviceMinor());
    directories.clear(parent, component);
    attributes.makeNode(parent, name.set(component), type, device, values);
  }

  private void hardLink(OpenDirectory parent, byte[] component, LayerPath target)
      throws IOException, InterruptedException {
    if (target.isRoot()) {
      throw new ImageException(ImageException.Kind.REFUSED, "a hard link to the root directory");
    }
    LayerPath link = parent.path().child(component);
    byte[] targetName = target.name();
    OpenDirectory from = resolver.resolveExisting(target.parent());
    if (from == null || !exists(from, targetName)) {
      from = bringUp(target);
    }
    if (stat.isDirectory()) {
      throw new ImageException(
          ImageException.Kind.REFUSED, "a hard link to the directory " + target);
    }
    if (from.path().child(targetName).equals(link)) {
      return;
    }
    // Looking for the target may have closed the parent, and looking for it again the target's.
    from.setPinned(true);
    try {
      OpenDirectory to = cache.reopen(parent.path());
      directories.clear(to, component);
      if (!exists(from, targetName)) {
        throw missing(target);
      }
      At.link(from.fd(), Name.of(targetName), to.fd(), name.set(component));
    } finally {
      from.setPinned(false);
    }
  }

  /** Whether this layer has {@code component}, whiteouts not counted; fills {@link #stat}. */
  private boolean exists(OpenDirectory parent, byte[] component) throws ErrnoException {
    return At.stat(parent.fd(), name.set(component), stat) && !context.dialect.isWhiteout(stat);
  }

  /** Copies a lower file to its own path in this layer, so that both names are one file. */
  private OpenDirectory bringUp(LayerPath target) throws IOException, InterruptedException {
    OpenDirectory parent = resolver.resolve(target.parent());
    byte[] component = target.name();
    if (parent.isLowerHidden() || context.dialect.hasWhiteout(parent.fd(), component, stat)) {
      throw missing(target);
    }
    try (LowerEntry below = context.lowers().find(parent.path().child(component))) {
      if (below == null) {
        throw missing(target);
      }
      stat.set(below.stat());
      if (!stat.isDirectory()) {
        lowerCopy.copy(below, parent, name.set(component));
      }
    }
    return parent;
  }

  private static ImageException missing(LayerPath target) {
    return new ImageException(
        ImageException.Kind.MALFORMED, "a hard link to " + target + ", which does not exist");
  }

  private void hide(LayerPath path) throws IOException, InterruptedException {
    OpenDirectory parent = resolver.resolve(path.parent());
    byte[] whiteout = path.name();
    byte[] hidden = Arrays.copyOfRange(whiteout, WhiteoutName.PREFIX.length, whiteout.length);
    if (At.stat(parent.fd(), name.set(hidden), stat)) {
      if (stat.isDirectory()) {
        // Deleted and made again: it stays, without what is below (rule 9).
        directories.makeOpaque(cache.open(parent, hidden));
      }
    } else if (!parent.isLowerHidden() && !context.dialect.hasWhiteout(parent.fd(), hidden, stat)) {
      context.dialect.writeWhiteout(parent.fd(), hidden);
      context.hasWhiteouts = true;
    }
  }
}
