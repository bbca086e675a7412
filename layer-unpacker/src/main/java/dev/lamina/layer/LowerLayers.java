package dev.lamina.layer;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.owner.OwnerRecords;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The layers below the one being applied, looked at as one tree: topmost first, whiteouts and
 * opaque directories respected. For the few entries that depend on what is below: hard links to a
 * lower file, and directories that a layer takes for granted.
 */
public final class LowerLayers implements Closeable {
  /** One layer: its tree and how its marks are written. */
  public record Lower(Path tree, Dialect dialect) {}

  private final List<Integer> roots = new ArrayList<>();
  private final List<Dialect> dialects = new ArrayList<>();
  private final Stat stat = new Stat();

  /** Opens the layers, topmost first. */
  public static LowerLayers open(List<Lower> layers) throws ErrnoException {
    LowerLayers lowers = new LowerLayers();
    try {
      for (Lower layer : layers) {
        Name path = Name.of(layer.tree.toString());
        lowers.roots.add(At.openDirectory(At.FDCWD, path));
        lowers.dialects.add(layer.dialect);
      }
      return lowers;
    } catch (ErrnoException e) {
      lowers.close();
      throw e;
    }
  }

  private LowerLayers() {}

  /**
   * What the layers show at {@code path}; symbolic links are not followed, so a path through one
   * finds nothing.
   *
   * @return null where there is nothing; the caller closes it
   */
  LowerEntry find(LayerPath path) throws ErrnoException {
    byte[][] components = path.components();
    // The layers' directories that make up the merged directory reached so far.
    List<Integer> merged = new ArrayList<>();
    List<Dialect> mergedDialects = new ArrayList<>(dialects);
    for (int root : roots) {
      merged.add(Fd.duplicate(root));
    }
    try {
      for (int i = 0; i < components.length - 1; i++) {
        descend(merged, mergedDialects, components[i]);
      }
      return path.isRoot() ? null : top(merged, mergedDialects, components[components.length - 1]);
    } finally {
      merged.forEach(Fd::close);
    }
  }

  /** Replaces the merged directory by its child, which becomes empty if that is no directory. */
  private void descend(List<Integer> merged, List<Dialect> mergedDialects, byte[] component)
      throws ErrnoException {
    List<Integer> children = new ArrayList<>();
    List<Dialect> childDialects = new ArrayList<>();
    try {
      Name name = Name.of(component);
      for (int i = 0; i < merged.size(); i++) {
        Dialect dialect = mergedDialects.get(i);
        if (At.stat(merged.get(i), name, stat)) {
          if (!stat.isDirectory()) {
            break;
          }
          int child = At.open(merged.get(i), name, DirectoryCache.OPEN_FLAGS, 0);
          children.add(child);
          childDialects.add(dialect);
          if (dialect.isOpaque(child, stat)) {
            break;
          }
        } else if (dialect.hasWhiteout(merged.get(i), component, stat)) {
          break;
        }
      }
    } catch (ErrnoException e) {
      children.forEach(Fd::close);
      throw e;
    }
    merged.forEach(Fd::close);
    merged.clear();
    merged.addAll(children);
    mergedDialects.clear();
    mergedDialects.addAll(childDialects);
  }

  private LowerEntry top(List<Integer> merged, List<Dialect> mergedDialects, byte[] component)
      throws ErrnoException {
    Name name = Name.of(component);
    for (int i = 0; i < merged.size(); i++) {
      Dialect dialect = mergedDialects.get(i);
      Stat found = new Stat();
      if (At.stat(merged.get(i), name, found)) {
        if (dialect.isWhiteout(found)) {
          return null;
        }
        // No archive brings records of its own into the store: what is there counts.
        OwnerRecords.STORE.read(merged.get(i), name, found);
        return new LowerEntry(Fd.duplicate(merged.get(i)), name, found);
      }
      if (dialect.hasWhiteout(merged.get(i), component, found)) {
        return null;
      }
    }
    return null;
  }

  @Override
  public void close() {
    roots.forEach(Fd::close);
    roots.clear();
  }

  /**
   * One object of a lower layer, by the directory that holds it.
   *
   * @param stat owner, mode and type as the image has them
   */
  record LowerEntry(int dirfd, Name name, Stat stat) implements Closeable {
    byte[] readlink() throws ErrnoException {
      return At.readlink(dirfd, name);
    }

    /** Opens a regular file or a directory for reading. */
    int open() throws ErrnoException {
      int flags = stat.isDirectory() ? DirectoryCache.OPEN_FLAGS : OpenFlags.O_RDONLY;
      return At.open(dirfd, name, flags | OpenFlags.O_NONBLOCK, 0);
    }

    @Override
    public void close() {
      Fd.close(dirfd);
    }
  }
}
