package dev.lamina.nio;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;

/** Error numbers as the exceptions that {@code java.nio.file} documents. */
final class Failures {
  private Failures() {}

  /**
   * The exception for an error of an operation on {@code file}.
   *
   * @param other the second file of an operation on two; may be null
   * @throws ReadOnlyFileSystemException for EROFS, as it is no {@link IOException}
   */
  static IOException of(ErrnoException e, Path file, Path other) {
    String first = file == null ? null : file.toString();
    String second = other == null ? null : other.toString();
    FileSystemException failure =
        switch (e.errno()) {
          case Errno.ENOENT -> new NoSuchFileException(first, second, null);
          case Errno.EEXIST -> new FileAlreadyExistsException(first, second, null);
          case Errno.EACCES -> new AccessDeniedException(first, second, null);
          case Errno.EROFS -> throw new ReadOnlyFileSystemException();
          default -> new FileSystemException(first, second, Errno.describe(e.errno()));
        };
    failure.initCause(e);
    return failure;
  }
}
