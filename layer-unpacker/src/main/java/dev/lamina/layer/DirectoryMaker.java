package dev.lamina.layer;

import dev.lamina.image.ImageException;
import dev.lamina.layer.Attributes.Values;
import dev.lamina.layer.LowerLayers.LowerEntry;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.linux.TreeRemoval;
import dev.lamina.overlay.owner.OwnerRecords;
import java.util.List;

/**
 * Makes directories, those that entries describe and those they take for granted, and clears the
 * way for whatever takes the place of something else.
 */
final class DirectoryMaker {
  /**
   * What a directory gets that neither the layer nor one below describes (rule 14); the epoch
   * rather than "now", so that a layer always unpacks to the same tree.
   */
  private static final Values IMPLIED = new Values(0, 0, 0755, 0, 0, List.of());

  private final LayerContext context;
  private final DirectoryCache cache;
  private final Attributes attributes;
  private final LowerCopy lowerCopy;
  private final Stat stat = new Stat();
  private final Name name = new Name();

  DirectoryMaker(
      LayerContext context, DirectoryCache cache, Attributes attributes, LowerCopy lowerCopy) {
    this.context = context;
    this.cache = cache;
    this.attributes = attributes;
    this.lowerCopy = lowerCopy;
  }

  /** Gives the layer's root what it has until an entry describes it. */
  void makeRoot() throws ErrnoException {
    attributes.applyToDirectory(cache.root(), cache.root(), IMPLIED, true);
  }

  /** Makes a directory, or gives one that is there new attributes; its children stay (rule 4). */
  void make(OpenDirectory parent, byte[] component, Values values) throws ErrnoException {
    OpenDirectory directory = cache.open(parent, component);
    boolean old = directory != null;
    if (!old) {
      directory = create(parent, component);
    }
    attributes.applyToDirectory(parent, directory, values, old);
  }

  /** Attributes for the root from an entry of its own. */
  void describeRoot(Values values) throws ErrnoException {
    attributes.applyToDirectory(cache.root(), cache.root(), values, true);
  }

  /**
   * Makes a directory that no entry describes (yet): as it is in the layers below, if they have it.
   */
  OpenDirectory makeImplied(OpenDirectory parent, byte[] component)
      throws ImageException, ErrnoException, InterruptedException {
    boolean replaces = At.stat(parent.fd(), name.set(component), stat);
    boolean hidden = replaces || context.dialect.hasWhiteout(parent.fd(), component, stat);
    Values values = null;
    if (!parent.isLowerHidden() && !hidden) {
      try (LowerEntry below = context.lowers().find(parent.path().child(component))) {
        if (below != null && below.stat().isDirectory()) {
          values = lowerCopy.values(below);
        }
      }
    }
    OpenDirectory directory = create(parent, component);
    attributes.applyToDirectory(parent, directory, values == null ? IMPLIED : values, false);
    if (values == null) {
      directory.hideLower();
    }
    return directory;
  }

  /** Marks a directory: nothing of the layers below shows in it. */
  void makeOpaque(OpenDirectory directory) throws ErrnoException {
    context.dialect.setOpaque(directory.fd());
    cache.hideLower(directory.path());
    if (context.hasWhiteouts) {
      new WhiteoutSweep(context, cache).sweep(directory.path());
    }
  }

  /** A new directory, opaque if it takes the place of something that this layer had or hid. */
  private OpenDirectory create(OpenDirectory parent, byte[] component) throws ErrnoException {
    boolean replaces = clear(parent, component);
    At.mkdir(parent.fd(), name.set(component), OwnerRecords.DIRECTORY_MODE);
    OpenDirectory made = cache.open(parent, component);
    if (made == null) {
      throw new ErrnoException(Errno.ENOENT, "a directory just made is gone");
    }
    if (replaces) {
      makeOpaque(made);
    }
    return made;
  }

  /**
   * Takes away whatever has the name, a whiteout as well.
   *
   * @return whether there was anything, which then hid the layers below
   */
  boolean clear(OpenDirectory parent, byte[] component) throws ErrnoException {
    boolean whiteoutFile =
        context.dialect == Dialect.AUFS
            && context.dialect.hasWhiteout(parent.fd(), component, stat);
    if (whiteoutFile) {
      context.dialect.removeWhiteout(parent.fd(), component);
    }
    if (!At.stat(parent.fd(), name.set(component), stat)) {
      return whiteoutFile;
    }
    context.contents.forgetAll();
    if (stat.isDirectory()) {
      cache.drop(parent.path().child(component));
      Name trash = context.trashName();
      At.rename(parent.fd(), name, context.trash, trash, At.RENAME_NOREPLACE);
      TreeRemoval.remove(context.trash, trash);
    } else {
      At.unlink(parent.fd(), name);
    }
    return true;
  }
}
