package dev.lamina.overlay.promote;

import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.TreeRemoval;
import dev.lamina.overlay.data.PartialMark;

/**
 * What a mount left in {@code work/work/incompat} to say that its upper is not as others expect it
 * (filesystems/overlayfs.rst, "Volatile mount"). Such marks outlive the mount: whoever wants the
 * upper all the same removes them.
 */
final class IncompatMarks {
  private static final Name INCOMPAT = PartialMark.INCOMPAT;
  private static final Name VOLATILE = Name.of("volatile");
  private static final Name DIRTY = Name.of("dirty");

  private IncompatMarks() {}

  /**
   * Refuses a work directory with a mark, known or unknown, but {@link PartialMark}, which is for
   * others.
   *
   * @param work the directory {@code work/work}
   * @param path of the user's work directory, for the message
   * @throws ErrnoException EINVAL, as kernel overlayfs
   */
  static void requireNone(int work, String path) throws ErrnoException {
    int incompat = At.openIfExists(work, INCOMPAT, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    if (incompat < 0) {
      return;
    }
    try {
      DirectoryReader reader = new DirectoryReader().reset(incompat);
      while (reader.next()) {
        if (!reader.name().contentEquals(PartialMark.NAME.toBytes())) {
          throw refusal(reader.name(), path);
        }
      }
    } finally {
      Fd.close(incompat);
    }
  }

  /** Empties the directory {@code work/work} of all but marks, of which none refused it. */
  static void sweepAround(int work) throws ErrnoException {
    int readable = At.open(work, Name.of("."), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    try {
      boolean left = true;
      while (left) {
        left = false;
        Fd.seek(readable, 0, Fd.SEEK_SET);
        DirectoryReader reader = new DirectoryReader().reset(readable);
        while (reader.next()) {
          if (!reader.name().contentEquals(INCOMPAT.toBytes())) {
            TreeRemoval.remove(work, Name.of(reader.name().toBytes()));
            left = true;
          }
        }
      }
    } finally {
      Fd.close(readable);
    }
  }

  private static ErrnoException refusal(Name mark, String path) {
    String place = path + "/work/incompat/" + mark;
    return new ErrnoException(
        Errno.EINVAL,
        mark.contentEquals(VOLATILE.toBytes())
            ? "the upper was mounted volatile, so a crash may have damaged it unseen; remove "
                + place
                + " to mount it all the same"
            : "the upper has the unknown feature " + mark + " (" + place + ")");
  }

  /** Marks the upper as one whose files may be damaged after a crash of the host. */
  static void markVolatile(int work) throws ErrnoException {
    int incompat = makeDirectory(work, INCOMPAT);
    try {
      int directory = makeDirectory(incompat, VOLATILE);
      try {
        At.mknod(directory, DIRTY, FileMode.S_IFREG, 0);
      } finally {
        Fd.close(directory);
      }
    } finally {
      Fd.close(incompat);
    }
  }

  private static int makeDirectory(int parent, Name name) throws ErrnoException {
    try {
      At.mkdir(parent, name, 0700);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
    return At.openDirectory(parent, name);
  }
}
