package dev.lamina.overlay.data;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.At;
import dev.lamina.linux.Boot;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileHandle;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The maps of all partial files, {@code lamina-partial} in the user's work directory, each named by
 * the file handle of the upper's object. As long as there are any, so is {@link PartialMark}, so
 * that kernel overlayfs does not show those files without what was written. Thread-safe.
 */
final class MapDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MapDirectory.class);
  private static final Name NAME = Name.of("lamina-partial");
  private static final int CLOSED = -1;

  private final int base;
  private final PartialMark mark;

  @GuardedBy("this")
  private int fd = CLOSED;

  /** Names of all maps that are there. */
  @GuardedBy("this")
  private final Set<String> present = new HashSet<>();

  /** Those of them that are of no use, and could not be removed yet. */
  @GuardedBy("this")
  private final Set<String> unused = new HashSet<>();

  /** Whether the mark may be there. */
  @GuardedBy("this")
  private boolean marked = true;

  /** Whether names that were made are on stable storage. */
  @GuardedBy("this")
  private boolean synced;

  /** Whether the mark is, as long as it is there. */
  @GuardedBy("this")
  private boolean markSynced;

  /** Whether the name of this directory is; once in a mount, whoever made it. */
  @GuardedBy("this")
  private boolean directorySynced;

  /**
   * A directory in {@code base}, made when first needed.
   *
   * @param work the directory {@code work/work}
   */
  MapDirectory(int base, int work) {
    this.base = base;
    this.mark = new PartialMark(work);
  }

  /** The name of the map of the object with {@code handle}. */
  static Name nameOf(FileHandle handle) {
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + handle.bytes().length);
    bytes.putInt(handle.type()).put(handle.bytes());
    return Name.of(HexFormat.of().formatHex(bytes.array()));
  }

  private static FileHandle handleOf(Name name) throws ErrnoException {
    try {
      String hex = new String(name.toBytes(), StandardCharsets.US_ASCII);
      ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
      int type = bytes.getInt();
      byte[] rest = new byte[bytes.remaining()];
      bytes.get(rest);
      return new FileHandle(type, rest);
    } catch (IllegalArgumentException | java.nio.BufferUnderflowException e) {
      throw new ErrnoException(Errno.EINVAL, "not named by a file handle");
    }
  }

  /** Names of all maps, of earlier mounts too. */
  synchronized List<Name> list() throws ErrnoException {
    List<Name> names = new ArrayList<>();
    if (fd == CLOSED) {
      fd = At.openIfExists(base, NAME, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    }
    if (fd != CLOSED) {
      Fd.seek(fd, 0, Fd.SEEK_SET);
      DirectoryReader reader = new DirectoryReader().reset(fd);
      while (reader.next()) {
        names.add(Name.of(reader.name().toBytes()));
      }
    }
    return names;
  }

  /** Removes maps that are of no use; the mark is there afterwards if any are left. */
  synchronized void keepOnly(List<Name> useful) throws ErrnoException {
    for (Name name : list()) {
      present.add(name.toString());
      unused.add(name.toString());
    }
    useful.forEach(name -> unused.remove(name.toString()));
    if (!useful.isEmpty()) {
      mark.set();
    }
    sweep();
  }

  /** Opens the object that {@code map} is about, for reading; ESTALE where it is gone. */
  int openObject(Name map) throws ErrnoException {
    return handleOf(map).open(base, OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK);
  }

  /** Opens the map {@code name} for reading and writing. */
  synchronized int open(Name name) throws ErrnoException {
    return At.open(fd, name, OpenFlags.O_RDWR, 0);
  }

  /** Makes the map {@code name}, in the place of one that nobody knows. */
  synchronized MapFile create(Name name, long size, Boot boot) throws ErrnoException {
    // Not of whoever made the last file on this thread, nor from his quota.
    Identity.assumeOwn();
    try {
      if (fd == CLOSED) {
        makeDirectory();
      }
      if (!marked) {
        marked = true;
        mark.set();
      }
      present.add(name.toString());
      unused.remove(name.toString());
      synced = false;
      return make(name, size, boot);
    } catch (ErrnoException e) {
      removeAfter(e, name);
      throw e;
    }
  }

  @GuardedBy("this")
  private MapFile make(Name name, long size, Boot boot) throws ErrnoException {
    int map = At.open(fd, name, OpenFlags.O_CREAT | OpenFlags.O_RDWR | OpenFlags.O_TRUNC, 0600);
    try {
      return MapFile.create(map, size, boot);
    } catch (ErrnoException e) {
      Fd.close(map);
      throw e;
    }
  }

  @GuardedBy("this")
  private void makeDirectory() throws ErrnoException {
    try {
      At.mkdir(base, NAME, 0700);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
    fd = At.open(base, NAME, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
  }

  /**
   * Removes a map, and with the last one the mark. What cannot be removed is tried again with the
   * next, and at the end.
   */
  synchronized void remove(Name name) throws ErrnoException {
    unused.add(name.toString());
    sweep();
  }

  /** As {@link #remove}, of what came to nothing because of {@code failure}. */
  void removeAfter(ErrnoException failure, Name name) {
    try {
      remove(name);
    } catch (ErrnoException e) {
      failure.addSuppressed(e);
    }
  }

  @GuardedBy("this")
  private void sweep() throws ErrnoException {
    for (String name : List.copyOf(unused)) {
      unlink(Name.of(name));
      unused.remove(name);
      present.remove(name);
    }
    if (present.isEmpty() && marked) {
      markSynced = false;
      mark.clear();
      marked = false;
    }
  }

  @GuardedBy("this")
  private void unlink(Name name) throws ErrnoException {
    if (fd == CLOSED) {
      return;
    }
    try {
      At.unlink(fd, name);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

  /** The names of all maps to stable storage, and the mark before them. */
  synchronized void sync() throws ErrnoException {
    if (present.isEmpty() || synced) {
      return;
    }
    if (!markSynced) {
      mark.sync();
      markSynced = true;
    }
    if (!directorySynced) {
      Fd.sync(base);
      directorySynced = true;
    }
    Fd.sync(fd);
    synced = true;
  }

  @Override
  public synchronized void close() {
    try {
      sweep();
    } catch (ErrnoException e) {
      LOG.warn("lamina-partial stays until the next mount: {}", e.getMessage());
    }
    abandon();
  }

  /** As {@link #close}, and leaves what is of no use. */
  synchronized void abandon() {
    if (fd != CLOSED) {
      Fd.close(fd);
      fd = CLOSED;
    }
  }
}
