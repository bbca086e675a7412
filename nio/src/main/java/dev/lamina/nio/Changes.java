package dev.lamina.nio;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.attribute.FileTime;

/** What changes one object or one name. On a read-only file system everything here refuses. */
final class Changes {
  private final LaminaFileSystem fileSystem;

  Changes(LaminaFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  private interface NodeChange {
    void apply(WritableTree tree, long node) throws ErrnoException;
  }

  private void change(LaminaPath path, boolean follow, NodeChange change) throws IOException {
    fileSystem.at(
        path,
        follow,
        place -> {
          long node = place.requireExisting().node();
          change.apply(fileSystem.writable(), node);
          return null;
        });
  }

  private interface NameChange {
    void apply(WritableTree tree, long directory, byte[] name) throws ErrnoException;
  }

  private void make(LaminaPath path, NameChange change) throws IOException {
    fileSystem.at(
        path,
        false,
        place -> {
          if (place.exists()) {
            throw new ErrnoException(Errno.EEXIST, "creation");
          }
          change.apply(fileSystem.writable(), place.parent(), place.freeName());
          return null;
        });
  }

  void makeDirectory(LaminaPath path, int mode) throws IOException {
    make(path, (tree, directory, name) -> tree.mkdir(directory, name, mode));
  }

  void makeSymbolicLink(LaminaPath path, byte[] target) throws IOException {
    make(path, (tree, directory, name) -> tree.symlink(directory, name, target));
  }

  /** Makes a device node, FIFO or socket. */
  void makeNode(LaminaPath path, int mode, long device) throws IOException {
    make(path, (tree, directory, name) -> tree.mknod(directory, name, mode, device));
  }

  void makeLink(LaminaPath path, LaminaPath existing) throws IOException {
    fileSystem.inside(
        path,
        existing,
        () -> {
          Walk walk = new Walk(fileSystem.tree());
          try (Place target = walk.place(existing.bytes(), false)) {
            target.requireExisting();
            try (Place place = walk.place(path.bytes(), false)) {
              if (place.exists()) {
                throw new ErrnoException(Errno.EEXIST, "link");
              }
              fileSystem.writable().link(target.node(), place.parent(), place.freeName());
              return null;
            }
          }
        });
  }

  void delete(LaminaPath path) throws IOException {
    fileSystem.at(
        path,
        false,
        place -> {
          byte[] name = place.takenName();
          WritableTree tree = fileSystem.writable();
          if (!place.status().isDirectory()) {
            tree.unlink(place.parent(), name);
            return null;
          }
          try {
            tree.rmdir(place.parent(), name);
          } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOTEMPTY || e.errno() == Errno.EEXIST) {
              throw new DirectoryNotEmptyException(path.toString());
            }
            throw e;
          }
          return null;
        });
  }

  /**
   * Renames, and replaces what {@code target} names as rename(2) does. For who is inside the file
   * system already: the error is Linux's own.
   */
  void rename(LaminaPath source, LaminaPath target) throws ErrnoException {
    Walk walk = new Walk(fileSystem.tree());
    try (Place from = walk.place(source.bytes(), false);
        Place to = walk.place(target.bytes(), false)) {
      byte[] name = from.takenName();
      byte[] newName = to.exists() ? to.takenName() : to.freeName();
      fileSystem.writable().rename(from.parent(), name, to.parent(), newName);
    }
  }

  void setMode(LaminaPath path, boolean follow, int mode) throws IOException {
    change(path, follow, (tree, node) -> tree.chmod(node, mode & FileMode.PERMISSIONS));
  }

  void setOwner(LaminaPath path, boolean follow, int uid, int gid) throws IOException {
    change(path, follow, (tree, node) -> tree.chown(node, uid, gid));
  }

  /** Null leaves a time as it is. */
  void setTimes(LaminaPath path, boolean follow, FileTime access, FileTime modification)
      throws IOException {
    if (access != null || modification != null) {
      change(path, follow, (tree, node) -> tree.setTimes(node, access, modification));
    }
  }

  void setXattr(LaminaPath path, boolean follow, byte[] name, byte[] value) throws IOException {
    change(path, follow, (tree, node) -> tree.setXattr(node, name, value));
  }

  void removeXattr(LaminaPath path, boolean follow, byte[] name) throws IOException {
    change(path, follow, (tree, node) -> tree.removeXattr(node, name));
  }
}
