package dev.lamina.cli.doctor;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.TreeRemoval;
import java.io.Closeable;
import java.nio.file.Path;

/** A directory in which everything may be tried. It goes with all that is in it. */
final class ScratchDirectory implements Closeable {
  private static final int PARENT = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
  private static final int MODE = 0700;

  private final int parent;
  private final Path path;
  private boolean closed;

  private ScratchDirectory(int parent, Path path) {
    this.parent = parent;
    this.path = path;
  }

  /** Makes one; the error is that of mkdir(2). */
  static ScratchDirectory in(Path directory) throws ErrnoException {
    int parent = At.openHostPath(Name.of(directory.toString()), PARENT);
    try {
      return new ScratchDirectory(parent, directory.resolve(make(parent)));
    } catch (ErrnoException e) {
      Fd.close(parent);
      throw e;
    }
  }

  private static String make(int parent) throws ErrnoException {
    for (int i = 0; ; i++) {
      String name = ".lamina-doctor-" + ProcessHandle.current().pid() + "-" + i;
      try {
        At.mkdir(parent, Name.of(name), MODE);
        return name;
      } catch (ErrnoException e) {
        if (e.errno() != Errno.EEXIST) {
          throw e;
        }
      }
    }
  }

  Path path() {
    return path;
  }

  /** Not by the JDK's file operations: a thread that was interrupted cleans up, too. */
  @Override
  public void close() throws ErrnoException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      TreeRemoval.remove(parent, Name.of(path.getFileName().toString()));
    } catch (ErrnoException e) {
      throw e.about(path);
    } finally {
      Fd.close(parent);
    }
  }
}
