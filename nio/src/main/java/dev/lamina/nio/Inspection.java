package dev.lamina.nio;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.DirectoryStream;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;

/** What can be asked about a path without changing anything. */
final class Inspection {
  private final LaminaFileSystem fileSystem;

  Inspection(LaminaFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  FileStatus status(LaminaPath path, boolean follow) throws IOException {
    return fileSystem.at(path, follow, place -> place.requireExisting().status());
  }

  /** The same; null where nothing is there. */
  FileStatus statusIfAny(LaminaPath path, boolean follow) throws IOException {
    return fileSystem.at(path, follow, place -> place.exists() ? place.status() : null);
  }

  LaminaPath readSymbolicLink(LaminaPath path) throws IOException {
    return fileSystem.at(
        path,
        false,
        place -> {
          place.requireExisting();
          if (!place.status().isSymlink()) {
            throw new NotLinkException(path.toString());
          }
          return LaminaPath.of(fileSystem, fileSystem.tree().target(place.node()));
        });
  }

  LaminaPath realPath(LaminaPath path, boolean follow) throws IOException {
    if (follow) {
      return fileSystem.inside(
          path,
          null,
          () -> LaminaPath.of(fileSystem, new Walk(fileSystem.tree()).realPath(path.bytes())));
    }
    LaminaPath real = fileSystem.rootPath();
    for (byte[] name : PathBytes.components(path.bytes())) {
      if (PathBytes.isDotDot(name) && !status(real, false).isSymlink()) {
        real = real.getNameCount() == 0 ? real : real.getParent();
      } else if (!PathBytes.isDot(name)) {
        real = real.entry(name);
      }
    }
    status(real, false);
    return real;
  }

  /**
   * Whether this process may do as asked. The tree is seen as its root sees it: only layers that
   * this process itself cannot read, and a read-only file system, refuse.
   */
  void checkAccess(LaminaPath path, AccessMode... modes) throws IOException {
    fileSystem.at(
        path,
        true,
        place -> {
          FileStatus status = place.requireExisting().status();
          for (AccessMode mode : modes) {
            if (!may(mode, place, status)) {
              throw new AccessDeniedException(path.toString());
            }
          }
          return null;
        });
  }

  private boolean may(AccessMode mode, Place place, FileStatus status) throws ErrnoException {
    return switch (mode) {
      case WRITE -> !fileSystem.isReadOnly();
      case EXECUTE -> status.isDirectory() || (status.mode() & 0111) != 0;
      case READ -> !status.isRegular() || isReadable(place);
    };
  }

  private boolean isReadable(Place place) throws ErrnoException {
    try {
      fileSystem.tree().open(place.node(), OpenRequest.reading()).close();
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EACCES || e.errno() == Errno.EPERM) {
        return false;
      }
      throw e;
    }
  }

  boolean isSameFile(LaminaPath path, Path other) throws IOException {
    if (path.equals(other)) {
      return true;
    }
    if (!(other instanceof LaminaPath that)) {
      return false;
    }
    FileStatus first = status(path, true);
    FileStatus second = that.getFileSystem().inspection().status(that, true);
    return that.getFileSystem() == fileSystem && first.key().equals(second.key());
  }

  DirectoryStream<Path> list(LaminaPath path, DirectoryStream.Filter<? super Path> filter)
      throws IOException {
    return fileSystem.inside(
        path,
        null,
        () -> {
          try (Place place = new Walk(fileSystem.tree()).place(path.bytes(), true)) {
            if (place.requireExisting().status().isDirectory()) {
              return new LaminaDirectoryStream(path, place.takeNode(), filter);
            }
          } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOTDIR) {
              throw e;
            }
          }
          throw new NotDirectoryException(path.toString());
        });
  }

  /** Whether {@code status} is of a device, which has a number. */
  static boolean isDevice(FileStatus status) {
    int type = status.mode() & FileMode.S_IFMT;
    return type == FileMode.S_IFCHR || type == FileMode.S_IFBLK;
  }
}
