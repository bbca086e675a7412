package dev.lamina.cli.doctor;

import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileHandle;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.InodeIoctl;
import dev.lamina.linux.MountTable;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.StatFs;
import dev.lamina.linux.Xattr;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Tries what a union asks of its upper's filesystem, one thing at a time. */
final class FilesystemProbe {
  private static final int READ_DIRECTORY = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
  private static final int NEW_FILE = OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
  private static final int MODE = 0600;
  private static final int HOLE = 1 << 20;

  private final int dir;
  private int files;

  private FilesystemProbe(int dir) {
    this.dir = dir;
  }

  /** Something that may fail. */
  private interface Attempt {
    boolean run() throws ErrnoException;
  }

  /** Looks at {@code directory}, which exists, by what can be done in {@code scratch} of it. */
  static FilesystemFacts of(Path directory, Path scratch) throws IOException {
    int dir = At.openHostPath(Name.of(scratch.toString()), READ_DIRECTORY);
    try {
      return new FilesystemProbe(dir).run(directory, 0);
    } finally {
      Fd.close(dir);
    }
  }

  /** The little that can be told where nothing can be made. */
  static FilesystemFacts withoutScratch(Path directory, int errno) throws IOException {
    int dir = At.openHostPath(Name.of(directory.toString()), OpenFlags.O_PATH);
    try {
      return new FilesystemProbe(dir).run(directory, errno);
    } finally {
      Fd.close(dir);
    }
  }

  private FilesystemFacts run(Path directory, int errno) throws IOException {
    Optional<MountTable.Entry> mount = MountTable.containing(directory);
    StatFs space = new StatFs().read(dir);
    boolean tries = errno == 0;
    return new FilesystemFacts(
        mount.map(MountTable.Entry::type).orElse("filesystem"),
        mount.map(MountTable.Entry::options).orElse(""),
        errno,
        tries && works(() -> xattr("trusted.overlay.doctor")),
        tries && works(() -> xattr("user.overlay.doctor")),
        tries && works(this::whiteout),
        tries && works(this::exchange),
        tries && works(this::renameWhiteout),
        tries && works(this::types),
        tries && works(this::reflink),
        tries && works(this::unnamed),
        tries && works(this::holes),
        tries && works(this::handles),
        tries ? project() : Optional.empty(),
        space.nameLength,
        space.availableBlocks * space.fragmentSize,
        space.files == 0 ? Optional.empty() : Optional.of(space.freeFiles));
  }

  private static boolean works(Attempt attempt) {
    try {
      return attempt.run();
    } catch (ErrnoException e) {
      return false;
    }
  }

  private Name newName() {
    return Name.of("f" + files++);
  }

  private Name newFile() throws ErrnoException {
    Name name = newName();
    Fd.close(At.open(dir, name, NEW_FILE, MODE));
    return name;
  }

  private boolean xattr(String attribute) throws ErrnoException {
    Name name = Name.of(attribute);
    Xattr.set(dir, newFile(), name, new byte[] {'y'}, 0);
    return true;
  }

  private boolean whiteout() throws ErrnoException {
    At.mknod(dir, newName(), FileMode.S_IFCHR, 0);
    return true;
  }

  private boolean exchange() throws ErrnoException {
    Name moved = newName();
    At.rename(dir, newFile(), dir, moved, At.RENAME_NOREPLACE);
    Name directory = newName();
    At.mkdir(dir, directory, MODE);
    At.rename(dir, moved, dir, directory, At.RENAME_EXCHANGE);
    return true;
  }

  private boolean renameWhiteout() throws ErrnoException {
    At.rename(dir, newFile(), dir, newName(), At.RENAME_WHITEOUT);
    return true;
  }

  private boolean types() throws ErrnoException {
    newFile();
    int listing = Fd.reopen(dir, READ_DIRECTORY);
    try {
      DirectoryReader reader = new DirectoryReader().reset(listing);
      while (reader.next()) {
        if (reader.type() == 0) {
          return false;
        }
      }
      return true;
    } finally {
      Fd.close(listing);
    }
  }

  private boolean reflink() throws ErrnoException {
    int from = At.open(dir, newName(), NEW_FILE, MODE);
    try {
      int to = At.open(dir, newName(), NEW_FILE, MODE);
      try {
        NativeMemory block = NativeMemory.allocate(4096);
        Fd.pwrite(from, block, 0, block.size(), 0);
        return Fd.cloneFrom(to, from);
      } finally {
        Fd.close(to);
      }
    } finally {
      Fd.close(from);
    }
  }

  private boolean unnamed() throws ErrnoException {
    Fd.close(At.open(dir, Name.of("."), OpenFlags.O_RDWR | OpenFlags.O_TMPFILE, MODE));
    return true;
  }

  private boolean holes() throws ErrnoException {
    int fd = At.open(dir, newName(), NEW_FILE, MODE);
    try {
      NativeMemory data = NativeMemory.allocate(HOLE);
      Fd.pwrite(fd, data, 0, data.size(), 0);
      Fd.pwrite(fd, data, 0, data.size(), HOLE);
      Fd.allocate(fd, Fd.FALLOC_FL_PUNCH_HOLE | Fd.FALLOC_FL_KEEP_SIZE, 0, HOLE);
      return Fd.seek(fd, 0, Fd.SEEK_DATA) == HOLE;
    } finally {
      Fd.close(fd);
    }
  }

  private boolean handles() throws ErrnoException {
    FileHandle handle = FileHandle.of(dir, newFile());
    if (handle == null) {
      return false;
    }
    Fd.close(handle.open(dir, OpenFlags.O_PATH));
    return true;
  }

  private Optional<Integer> project() throws ErrnoException {
    try {
      return Optional.of(InodeIoctl.projectId(dir));
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOTTY || e.errno() == Errno.EOPNOTSUPP) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
