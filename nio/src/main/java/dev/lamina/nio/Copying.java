package dev.lamina.nio;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Copies and moves one object, within a file system of this provider or between two. */
final class Copying {
  private final LaminaPath source;
  private final LaminaPath target;
  private boolean replaces;
  private boolean keepsAttributes;
  private boolean atomic;
  private boolean follows = true;

  private Copying(LaminaPath source, LaminaPath target, CopyOption... options) {
    this.source = source;
    this.target = target;
    for (CopyOption option : options) {
      if (option == null) {
        throw new NullPointerException("option");
      } else if (option == StandardCopyOption.REPLACE_EXISTING) {
        replaces = true;
      } else if (option == StandardCopyOption.COPY_ATTRIBUTES) {
        keepsAttributes = true;
      } else if (option == StandardCopyOption.ATOMIC_MOVE) {
        atomic = true;
      } else if (option == LinkOption.NOFOLLOW_LINKS) {
        follows = false;
      } else {
        throw new UnsupportedOperationException("Unsupported copy option " + option);
      }
    }
  }

  /** As {@link java.nio.file.Files#copy(Path, Path, CopyOption...)}. */
  static void copy(LaminaPath source, LaminaPath target, CopyOption... options) throws IOException {
    Copying copying = new Copying(source, target, options);
    if (copying.atomic) {
      throw new UnsupportedOperationException("Unsupported copy option ATOMIC_MOVE");
    }
    FileStatus status = copying.from().inspection().status(source, copying.follows);
    if (copying.clearTarget(status)) {
      copying.copy(status);
    }
  }

  /** As {@link java.nio.file.Files#move}. */
  static void move(LaminaPath source, LaminaPath target, CopyOption... options) throws IOException {
    Copying copying = new Copying(source, target, options);
    if (copying.keepsAttributes) {
      throw new UnsupportedOperationException("Unsupported move option COPY_ATTRIBUTES");
    }
    copying.follows = false;
    copying.keepsAttributes = true;
    copying.move();
  }

  private LaminaFileSystem from() {
    return source.getFileSystem();
  }

  private LaminaFileSystem to() {
    return target.getFileSystem();
  }

  /** Makes room for the target; false where it is the source itself and nothing is to do. */
  private boolean clearTarget(FileStatus status) throws IOException {
    FileStatus existing = to().inspection().statusIfAny(target, false);
    if (existing == null) {
      return true;
    }
    if (from() == to() && existing.key().equals(status.key())) {
      return false;
    }
    if (!replaces) {
      throw new FileAlreadyExistsException(target.toString());
    }
    to().changes().delete(target);
    return true;
  }

  private void copy(FileStatus status) throws IOException {
    int permissions = status.permissions();
    switch (status.mode() & FileMode.S_IFMT) {
      case FileMode.S_IFDIR -> to().changes().makeDirectory(target, permissions);
      case FileMode.S_IFREG -> copyFile(permissions);
      case FileMode.S_IFLNK ->
          to().changes()
              .makeSymbolicLink(target, from().inspection().readSymbolicLink(source).bytes());
      default -> to().changes().makeNode(target, status.mode(), status.device());
    }
    if (keepsAttributes) {
      copyAttributes(status);
    }
  }

  private void copyFile(int permissions) throws IOException {
    try (LaminaFileChannel in = from().opening().open(source, OpenRequest.reading(), 0);
        LaminaFileChannel out = to().opening().open(target, OpenRequest.creating(), permissions)) {
      try {
        in.copyTo(out);
      } catch (IOException | RuntimeException e) {
        to().changes().delete(target);
        throw e;
      }
    }
  }

  /** Times are copied or it fails; what else this process may not set stays, as in the JDK. */
  private void copyAttributes(FileStatus status) throws IOException {
    Changes changes = to().changes();
    try {
      changes.setOwner(target, false, status.uid(), status.gid());
    } catch (IOException e) {
      // Only root may give files away.
    }
    if (!status.isSymlink()) {
      try {
        changes.setMode(target, false, status.permissions());
      } catch (IOException e) {
        // Only the owner may.
      }
      copyXattrs(changes);
    }
    changes.setTimes(target, false, status.access(), status.modification());
  }

  private void copyXattrs(Changes changes) throws IOException {
    Tree tree = from().tree();
    List<byte[]> names =
        from().at(source, follows, p -> tree.xattrNames(p.requireExisting().node()));
    for (byte[] name : names) {
      byte[] value = from().at(source, follows, p -> tree.xattr(p.requireExisting().node(), name));
      if (value != null) {
        try {
          changes.setXattr(target, false, name, value);
        } catch (IOException e) {
          // Not every namespace is everybody's, nor every filesystem's.
        }
      }
    }
  }

  private void move() throws IOException {
    if (from().isReadOnly()) {
      throw new ReadOnlyFileSystemException();
    }
    if (atomic) {
      if (from() != to() || !renames()) {
        throw notAtomic();
      }
      return;
    }
    FileStatus status = from().inspection().status(source, false);
    FileStatus existing = to().inspection().statusIfAny(target, false);
    boolean renamesOver =
        replaces && existing != null && !existing.isDirectory() && !status.isDirectory();
    boolean itself = from() == to() && existing != null && existing.key().equals(status.key());
    if (itself || (!renamesOver && !clearTarget(status))) {
      return;
    }
    if (from() == to() && renames()) {
      return;
    }
    if (renamesOver) {
      to().changes().delete(target);
    }
    moveByCopy(status);
  }

  private AtomicMoveNotSupportedException notAtomic() {
    return new AtomicMoveNotSupportedException(
        source.toString(), target.toString(), Errno.describe(Errno.EXDEV));
  }

  /** False where only a copy can move the object: a directory of a lower, without redirects. */
  private boolean renames() throws IOException {
    return from()
        .inside(
            source,
            target,
            () -> {
              try {
                from().changes().rename(source, target);
                return true;
              } catch (ErrnoException e) {
                if (e.errno() == Errno.EXDEV) {
                  return false;
                }
                throw e;
              }
            });
  }

  private void moveByCopy(FileStatus status) throws IOException {
    if (status.isDirectory()) {
      try (DirectoryStream<Path> entries = from().inspection().list(source, e -> true)) {
        if (entries.iterator().hasNext()) {
          throw new DirectoryNotEmptyException(source.toString());
        }
      }
    }
    copy(status);
    from().changes().delete(source);
  }
}
