package dev.lamina.overlay.merge;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.LayerDir;

/**
 * The data-only layers, topmost first: no name in them shows, and only the absolute redirect of a
 * lower's metacopy leads to a file there (filesystems/overlayfs.rst, "Data-only lower layers").
 * They are searched when the data is first asked for. As in kernel overlayfs (tried on 6.18) they
 * hold plain trees: neither whiteouts, opaque marks, redirects nor metacopies count in them, and no
 * symbolic link is followed. Thread-safe.
 */
public final class DataLayers {
  private final LayerDir[] roots;

  /** The layers of {@code roots}, possibly none. */
  public DataLayers(LayerDir[] roots) {
    this.roots = roots.clone();
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return roots.length == 0;
  }

  /**
   * Makes sure that it is known where the data of {@code file} is.
   *
   * @return whether that was not known yet
   * @throws ErrnoException ENOENT where no layer has it
   */
  @CanIgnoreReturnValue
  public boolean find(FileNode file) throws ErrnoException {
    if (file.data() instanceof DataSource.Unsought sought) {
      file.foundData(sought, find(sought));
      return true;
    }
    return false;
  }

  /** Where the data at the path of {@code sought} is; ENOENT where it is nowhere. */
  public FileNode.Home find(DataSource.Unsought sought) throws ErrnoException {
    return find(sought.path());
  }

  private FileNode.Home find(byte[][] path) throws ErrnoException {
    Stat stat = new Stat();
    for (LayerDir root : roots) {
      LayerDir directory = directory(root, path, stat);
      byte[] name = path[path.length - 1];
      if (directory != null && has(directory, name, stat) && stat.isRegular()) {
        return new FileNode.Home(directory, name);
      }
    }
    throw new ErrnoException(
        Errno.ENOENT, "no data-only layer has " + Name.printable(path[path.length - 1]));
  }

  /** The directory that the path ends in, or null. */
  private static LayerDir directory(LayerDir root, byte[][] path, Stat stat) throws ErrnoException {
    LayerDir directory = root;
    for (int i = 0; i < path.length - 1; i++) {
      if (!has(directory, path[i], stat) || !stat.isDirectory()) {
        return null;
      }
      directory = directory.child(path[i]);
    }
    return directory;
  }

  private static boolean has(LayerDir directory, byte[] name, Stat stat) throws ErrnoException {
    int fd = directory.pin();
    try {
      return At.stat(fd, Name.of(name), stat);
    } finally {
      directory.unpin();
    }
  }
}
