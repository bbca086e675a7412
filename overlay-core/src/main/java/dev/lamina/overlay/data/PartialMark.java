package dev.lamina.overlay.data;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;

/**
 * {@code work/work/incompat/lamina-partial}: files of the upper have data that only Lamina finds.
 * Kernel overlayfs refuses a work directory with a name under {@code incompat} that it does not
 * know.
 */
public final class PartialMark {
  /** The name under {@link #INCOMPAT}. */
  public static final Name NAME = Name.of("lamina-partial");

  /** The directory in {@code work/work} for such marks. */
  public static final Name INCOMPAT = Name.of("incompat");

  private final int work;

  /** The mark in {@code work}, the directory {@code work/work}. */
  PartialMark(int work) {
    this.work = work;
  }

  void set() throws ErrnoException {
    mkdir(work, INCOMPAT);
    int incompat = At.openDirectory(work, INCOMPAT);
    try {
      mkdir(incompat, NAME);
    } finally {
      Fd.close(incompat);
    }
  }

  private static void mkdir(int dirfd, Name name) throws ErrnoException {
    try {
      At.mkdir(dirfd, name, 0700);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
  }

  /** Removes the mark, and its directory unless there are others. */
  void clear() throws ErrnoException {
    int incompat = At.openIfExists(work, INCOMPAT, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    if (incompat < 0) {
      return;
    }
    try {
      rmdir(incompat, NAME);
    } finally {
      Fd.close(incompat);
    }
    rmdir(work, INCOMPAT);
  }

  private static void rmdir(int dirfd, Name name) throws ErrnoException {
    try {
      At.rmdir(dirfd, name);
    } catch (ErrnoException e) {
      boolean fine =
          e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTEMPTY || e.errno() == Errno.EEXIST;
      if (!fine) {
        throw e;
      }
    }
  }

  void sync() throws ErrnoException {
    int incompat = At.open(work, INCOMPAT, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    try {
      Fd.sync(incompat);
    } finally {
      Fd.close(incompat);
    }
    int readable = At.open(work, Name.of("."), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    try {
      Fd.sync(readable);
    } finally {
      Fd.close(readable);
    }
  }
}
