package dev.lamina.overlay;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.data.PartialFile;
import dev.lamina.overlay.data.PartialFiles;
import dev.lamina.overlay.node.DataSource;

/**
 * What becomes of the syncs that users ask for. Where they are omitted ({@code volatile}, {@code
 * fsync=0}) they still tell of a write that failed: once one did, every sync fails with EIO until
 * the next mount (filesystems/overlayfs.rst, "Volatile mount"). Thread-safe.
 */
final class Syncs {
  private final boolean omitted;
  private volatile boolean failed;

  /** Null when the union is read-only. */
  private final PartialFiles partials;

  Syncs(boolean omitted, PartialFiles partials) {
    this.omitted = omitted;
    this.partials = partials;
  }

  /** What a user's open flags ask of the real file. */
  int openFlags(int flags) {
    return omitted ? flags & ~OpenFlags.O_SYNC : flags;
  }

  /**
   * {@code fsync} or {@code fdatasync} of a regular file.
   *
   * @param fd of what the data is in, see {@link OpenFile.Place}
   */
  void sync(DataSource source, int fd, boolean dataOnly) throws ErrnoException {
    if (!omitted && source instanceof PartialFile partial) {
      partials.sync(partial, fd, dataOnly);
    } else {
      sync(fd, dataOnly);
    }
  }

  /** {@code fsync} or {@code fdatasync} of the real file {@code fd}. */
  void sync(int fd, boolean dataOnly) throws ErrnoException {
    if (omitted) {
      requireNothingLost(fd);
    } else if (dataOnly) {
      Fd.syncData(fd);
    } else {
      Fd.sync(fd);
    }
  }

  /** {@code syncfs} of the upper's filesystem. */
  void syncFilesystem(int fd) throws ErrnoException {
    if (omitted) {
      requireNothingLost(fd);
    } else {
      partials.syncFilesystem(fd);
    }
  }

  private void requireNothingLost(int fd) throws ErrnoException {
    if (!failed) {
      try {
        Fd.checkWrittenBack(fd);
      } catch (ErrnoException e) {
        failed = true;
      }
    }
    if (failed) {
      throw new ErrnoException(Errno.EIO, "sync after data of the upper was lost");
    }
  }
}
