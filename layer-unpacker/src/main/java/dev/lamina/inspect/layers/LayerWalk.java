package dev.lamina.inspect.layers;

import dev.lamina.inspect.WalkPath;
import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.LowerLayer;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.format.XattrNamespace;
import dev.lamina.overlay.node.DescriptorCache;
import dev.lamina.overlay.node.Layer;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.store.ImageStack;
import dev.lamina.store.StoredLayer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A walk over one layer as it lies in the store: the objects that it has, and the names that it
 * deletes. Each directory before what is in it, names in byte order, the deletion of a name before
 * the object that takes its place. Follows no link; depth costs neither stack nor descriptors.
 */
public final class LayerWalk implements AutoCloseable {
  private static final int OPEN_DIRECTORIES = 64;
  private static final Name SELF = Name.of(".");
  private static final byte[] OPAQUE_FILE = {
    '.', 'w', 'h', '.', '.', 'w', 'h', '.', '.', 'o', 'p', 'q'
  };

  private final DescriptorCache cache;
  private final DirectoryReader reader = new DirectoryReader();
  private final LayerDir root;
  private final LayerFormat format;
  private final ArrayDeque<Directory> way = new ArrayDeque<>();
  private final Name lookup = new Name();
  private final Stat stat = new Stat();
  private final WalkPath path = new WalkPath();
  private byte[] name;
  private boolean standing;
  private boolean skipped;
  private boolean deletion;
  private boolean opaque;

  /** An entry of a directory: an object, or, spelled as a mark, the deletion of a name. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared as a whole.
  private record Found(byte[] name, boolean mark) {
    static final Comparator<Found> ORDER =
        Comparator.comparing(Found::name, Arrays::compareUnsigned)
            .thenComparing(found -> !found.mark);
  }

  /** A directory that is being gone through. */
  private static final class Directory {
    final LayerDir place;
    final List<Found> entries;
    final int pathLength;
    int next;

    Directory(LayerDir place, List<Found> entries, int pathLength) {
      this.place = place;
      this.entries = entries;
      this.pathLength = pathLength;
    }
  }

  private LayerWalk(LayerDir root, DescriptorCache cache) {
    this.root = root;
    this.cache = cache;
    this.format = root.layer().format();
  }

  /** Starts at the root of {@code stored}, which stays in its store until this is closed. */
  public static LayerWalk of(StoredLayer stored) throws ErrnoException {
    LowerLayer lower = ImageStack.lower(stored);
    XattrNamespace xattrs =
        switch (stored.dialect()) {
          case TRUSTED -> XattrNamespace.TRUSTED;
          case USER, AUFS -> XattrNamespace.USER;
        };
    LayerFormat format =
        lower.marks() == LowerLayer.Marks.ANY
            ? LayerFormat.any(xattrs)
            : LayerFormat.kernel(xattrs);
    String label = "layer " + stored.diffId();
    Name directory = Name.of(stored.tree().toString());
    int fd = At.openHostPath(directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    Layer layer = new Layer(0, label, format, false, 0, lower.owners());
    DescriptorCache cache = new DescriptorCache(OPEN_DIRECTORIES);
    LayerWalk walk = new LayerWalk(LayerDir.root(layer, cache, fd), cache);
    try {
      walk.enter(walk.root);
      return walk;
    } catch (ErrnoException | RuntimeException e) {
      walk.close();
      throw e;
    }
  }

  private void enter(LayerDir directory) throws ErrnoException {
    List<Found> entries = new ArrayList<>();
    int fd = directory.pin();
    try {
      int readable = At.openQuietly(fd, SELF, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
      try {
        reader.reset(readable);
        while (reader.next()) {
          Name entry = reader.name();
          if (!format.isMark(entry)) {
            entries.add(new Found(entry.toBytes(), false));
          } else if (!entry.contentEquals(OPAQUE_FILE)) {
            entries.add(new Found(LayerFormat.hiddenBy(entry), true));
          }
        }
      } finally {
        Fd.close(readable);
      }
    } finally {
      directory.unpin();
    }
    entries.sort(Found.ORDER);
    way.push(new Directory(directory, entries, path.length()));
  }

  /** Moves on to the next entry, into the directory where the walk stands; false at the end. */
  public boolean next() throws ErrnoException {
    if (standing && !skipped && !deletion && stat.isDirectory()) {
      enter(way.element().place.child(name));
    }
    standing = false;
    skipped = false;
    while (!way.isEmpty()) {
      Directory directory = way.element();
      while (directory.next < directory.entries.size()) {
        Found found = directory.entries.get(directory.next++);
        name = found.name;
        if (found.mark || look(directory.place)) {
          deletion = found.mark || deletion;
          standing = true;
          path.enter(directory.pathLength, name);
          return true;
        }
      }
      way.pop().place.drop();
    }
    return false;
  }

  /** Looks at the object {@link #name}; false where it is gone. */
  private boolean look(LayerDir directory) throws ErrnoException {
    int fd = directory.pin();
    try {
      lookup.set(name);
      if (!At.stat(fd, lookup, stat)) {
        return false;
      }
      deletion = format.isWhiteout(fd, lookup, stat);
      if (!deletion) {
        root.layer().owners().read(fd, lookup, stat);
        opaque = stat.isDirectory() && format.isOpaque(fd, lookup);
      }
      return true;
    } catch (ErrnoException e) {
      throw e.about(directory + "/" + lookup);
    } finally {
      directory.unpin();
    }
  }

  /** Does not go into the directory where the walk stands. */
  public void skip() {
    skipped = true;
  }

  /** How many directories the entry is below the root; 1 for what is in the root. */
  public int depth() {
    return way.size();
  }

  /** Path of the entry from the layer's root, without a slash in front; a fresh array. */
  public byte[] path() {
    return path.toBytes();
  }

  /** The last component of {@link #path}; not to be changed. */
  public byte[] name() {
    return name;
  }

  /** Whether the entry says that the layers below have no such name any more. */
  public boolean isDeletion() {
    return deletion;
  }

  /** Whether the entry is a directory that hides all that the layers below have in it. */
  public boolean isOpaque() {
    return !deletion && opaque;
  }

  /** Attributes of the object, owner records applied; meaningless for a deletion. */
  public Stat stat() {
    return stat;
  }

  /** Target of the symbolic link where the walk stands. */
  public byte[] target() throws ErrnoException {
    LayerDir directory = way.element().place;
    int fd = directory.pin();
    try {
      return At.readlink(fd, lookup);
    } finally {
      directory.unpin();
    }
  }

  @Override
  public void close() {
    cache.closeAll();
    root.closeRoot();
  }
}
