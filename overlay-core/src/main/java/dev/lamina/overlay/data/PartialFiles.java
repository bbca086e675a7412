package dev.lamina.overlay.data;

import dev.lamina.linux.At;
import dev.lamina.linux.Boot;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileHandle;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.StatFs;
import dev.lamina.overlay.event.OverlayEvents;
import dev.lamina.overlay.format.XattrNamespace;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.NodeTable;
import dev.lamina.overlay.node.TreeLock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partial files of a union, from the first write to a large file until its last block is up.
 * Each keeps its node, so that it is found here whatever names come and go. Thread-safe.
 */
public final class PartialFiles {
  private static final Logger LOG = LoggerFactory.getLogger(PartialFiles.class);

  /** How long a completion at the end may take without a word. */
  private static final long LONG = TimeUnit.SECONDS.toNanos(1);

  private final MapDirectory maps;
  private final int base;
  private final boolean durable;
  private final long smallest;
  private final boolean possible;
  private final LongConsumer changed;
  private final OverlayEvents events;
  private final Completion completion;
  private final InterruptedMaps interrupted;
  private final BackgroundCopier copier;

  private final Outstanding outstanding;

  private final LongAdder started = new LongAdder();
  private final LongAdder finished = new LongAdder();

  /**
   * The partial files of an upper.
   *
   * @param base the user's work directory
   * @param work the directory {@code work/work}
   * @param table where their nodes are kept
   * @param durable whether syncs reach the disk, and data is there before it counts
   * @param smallest bytes from which on files are promoted this way; {@link Long#MAX_VALUE} for
   *     none
   * @param quiet how long nobody writes a file before the rest of it is copied
   * @param changed told the id of every node whose attributes moved
   * @param events told of each promotion
   */
  public PartialFiles(
      int base,
      int work,
      XattrNamespace xattrs,
      NodeTable table,
      TreeLock lock,
      boolean durable,
      long smallest,
      Duration quiet,
      LongConsumer changed,
      OverlayEvents events)
      throws ErrnoException {
    this.base = base;
    this.maps = new MapDirectory(base, work);
    this.outstanding = new Outstanding(maps, table, events);
    this.durable = durable;
    this.smallest = smallest;
    this.changed = changed;
    this.events = events;
    this.possible = smallest < Long.MAX_VALUE && hasHandles();
    this.completion = new Completion(xattrs, lock);
    this.copier = new BackgroundCopier(this, completion, quiet);
    try {
      this.interrupted = new InterruptedMaps(maps, xattrs);
    } catch (ErrnoException | RuntimeException e) {
      maps.abandon();
      throw e;
    }
  }

  /** Whether files can be found again by handles that outlive a mount. */
  private boolean hasHandles() {
    try {
      if (new StatFs().read(base).type == StatFs.FUSE_SUPER_MAGIC) {
        // Good as long as its server remembers the file: a map would be taken for one of a file
        // that is gone.
        return false;
      }
      FileHandle handle = FileHandle.of(base);
      if (handle != null) {
        Fd.close(handle.open(base, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY));
        return true;
      }
    } catch (ErrnoException e) {
      LOG.debug("large files are copied at once: {}", e.getMessage());
    }
    return false;
  }

  /** Whether an earlier mount left maps: the upper cannot be read without metacopies then. */
  public boolean anyInterrupted() {
    return interrupted.any();
  }

  /** What the data of the upper's metacopy {@code ino} is, which else would be {@code below}. */
  public DataSource sourceOf(long ino, DataSource below) {
    return interrupted.any() && interrupted.has(ino) ? new DataSource.Interrupted(below) : below;
  }

  /** Inode numbers of the upper's objects whose promotion was interrupted and did not go on. */
  public Set<Long> interruptedInodes() {
    return interrupted.inodes();
  }

  /** Forgets maps of objects that are gone, of these inode numbers. */
  public void dropGone(Set<Long> inodes) throws ErrnoException {
    interrupted.dropGone(inodes);
  }

  /** Whether a file with so many bytes is promoted block by block, if it starts now. */
  public boolean wants(long bytes) {
    return possible && bytes >= smallest && outstanding.hasRoomFor(bytes);
  }

  /**
   * Lets {@code file}, a metacopy in the upper, be changed while its data is below; under its
   * monitor. Takes both descriptors over, unless it fails.
   *
   * @param upper of the metacopy, open for reading and writing
   * @param lower of the data, open for reading
   */
  public void start(FileNode file, int upper, int lower) throws ErrnoException {
    Name name = MapDirectory.nameOf(handle(upper));
    Stat stat = new Stat();
    At.stat(lower, stat);
    long below = stat.size;
    At.stat(upper, stat);
    // In one piece of what is below: a map of no blocks is of no use, and need not be.
    long size = Math.max(Math.min(below, stat.size), 1);
    MapFile map = maps.create(name, size, Boot.current(upper));
    try {
      add(file, upper, lower, new BlockMap(size), map, name);
    } catch (ErrnoException e) {
      map.close();
      maps.removeAfter(e, name);
      throw e;
    }
    started.increment();
  }

  private static FileHandle handle(int fd) throws ErrnoException {
    FileHandle handle = FileHandle.of(fd);
    if (handle == null) {
      throw new ErrnoException(Errno.EOPNOTSUPP, "file without a handle");
    }
    return handle;
  }

  private void add(FileNode file, int upper, int lower, BlockMap blocks, MapFile map, Name name)
      throws ErrnoException {
    PartialContent content = new PartialContent(upper, lower, blocks, map.lowerEnd());
    OverlayEvents.Running running = events.started(file);
    PartialFile partial;
    try {
      partial = new PartialFile(file, content, map, durable, running);
    } catch (ErrnoException e) {
      events.failed(running, e.errno());
      throw e;
    }
    outstanding.add(partial, name);
    file.moveData(partial);
    copier.wake();
  }

  /**
   * Goes on with what an earlier mount began, under the monitor of {@code file}. Takes both
   * descriptors over where it returns true.
   *
   * @return false where the map is another object's: all data is below
   */
  public boolean resume(FileNode file, int upper, int lower) throws ErrnoException {
    Name name = MapDirectory.nameOf(handle(upper));
    Stat stat = new Stat();
    At.stat(upper, stat);
    if (!interrupted.has(stat.ino, name)) {
      return false;
    }
    int fd = maps.open(name);
    try {
      MapFile map = MapFile.open(fd);
      BlockMap blocks = new BlockMap(map.size());
      map.readInto(blocks, Boot.current(upper));
      add(file, upper, lower, blocks, map, name);
    } catch (ErrnoException | RuntimeException e) {
      Fd.close(fd);
      throw e;
    }
    interrupted.forget(stat.ino);
    return true;
  }

  /** Brings up all that is absent and makes the upper's object the file; no locks are held. */
  public void complete(PartialFile file) throws ErrnoException {
    complete(file, () -> false);
  }

  /** As {@link #complete(PartialFile)}; false where {@code stopped} was found true before. */
  private boolean complete(PartialFile file, BooleanSupplier stopped) throws ErrnoException {
    if (!file.hold()) {
      return true;
    }
    try {
      if (!completion.complete(file, stopped)) {
        return false;
      }
      completed(file);
      return true;
    } catch (ErrnoException e) {
      failed(file, e.errno());
      throw e;
    } finally {
      file.letGo();
    }
  }

  /** What is absent of {@code file} could not come up, and may later. */
  void failed(PartialFile file, int errno) {
    events.failed(file.running, errno);
  }

  /** Tells what was noted; the thread holds no locks. */
  void tell() {
    events.tell();
  }

  /** The upper's object of {@code file} is the file. */
  void completed(PartialFile file) {
    if (outstanding.drop(file)) {
      finished.increment();
      changed.accept(file.node.id());
    }
  }

  /** The upper's object of {@code file} is the file, by other means; under its monitor. */
  public void ended(PartialFile file) {
    synchronized (file.node) {
      file.end();
    }
    if (outstanding.drop(file)) {
      finished.increment();
    }
  }

  /** Files that are partial now. */
  List<PartialFile> outstanding() {
    return outstanding.list();
  }

  /** Drops files that nobody has open and that have no name any more. */
  void dropAbandoned() {
    outstanding.dropAbandoned();
  }

  /**
   * {@code fsync} or {@code fdatasync} of the upper's object by {@code fd}, and what the map says
   * of it.
   */
  public void sync(PartialFile file, int fd, boolean dataOnly) throws ErrnoException {
    if (!file.hold()) {
      sync(fd, dataOnly);
      return;
    }
    try {
      synchronized (file.map) {
        Syncing syncing = new Syncing(file);
        try {
          sync(fd, dataOnly);
          syncing.finish();
          maps.sync();
        } catch (ErrnoException e) {
          syncing.failed();
          throw e;
        }
      }
    } finally {
      file.letGo();
    }
  }

  private static void sync(int fd, boolean dataOnly) throws ErrnoException {
    if (dataOnly) {
      Fd.syncData(fd);
    } else {
      Fd.sync(fd);
    }
  }

  /** {@code syncfs} of the upper's filesystem by {@code fd}, and of what the maps say. */
  public void syncFilesystem(int fd) throws ErrnoException {
    Fd.syncFilesystem(fd);
    for (PartialFile file : outstanding.list()) {
      sync(file, file.content.upper, true);
    }
  }

  /**
   * Starts to bring files up while nobody is at work on them.
   *
   * @param first what to do first, in the copier's thread, or null
   */
  public void begin(BackgroundCopier.Task first) {
    copier.begin(first);
  }

  /**
   * Completes all that is outstanding; what cannot be goes on in the next mount.
   *
   * @param awaited whether that mount is waiting for this one's end: it gets the rest
   */
  public void close(BooleanSupplier awaited) {
    copier.stop();
    List<PartialFile> rest = outstanding();
    if (!rest.isEmpty()) {
      completeAll(rest, awaited);
      events.tell();
    }
    maps.close();
  }

  /** Leaves all that is outstanding to the next mount. */
  public void abandon() {
    copier.stop();
    outstanding.abandon();
    maps.abandon();
  }

  private void completeAll(List<PartialFile> rest, BooleanSupplier awaited) {
    long start = System.nanoTime();
    LOG.debug("completing {} files that are promoted in part", rest.size());
    for (PartialFile file : rest) {
      try {
        if (durable) {
          // First, so that whoever is killed while copying has lost nothing.
          sync(file, file.content.upper, true);
        }
      } catch (ErrnoException e) {
        LOG.warn("sync of a file that is promoted in part: {}", e.getMessage());
      }
    }
    boolean told = false;
    for (PartialFile file : rest) {
      try {
        if (outstanding.isAbandoned(file)) {
          outstanding.drop(file);
        } else if (!complete(file, awaited)) {
          LOG.debug("a file stays promoted in part: the next mount waits");
          outstanding.leave(file);
        }
      } catch (ErrnoException e) {
        LOG.warn("a file stays promoted in part until the next mount: {}", e.getMessage());
        outstanding.leave(file);
      }
      if (!told && System.nanoTime() - start > LONG) {
        told = true;
        LOG.info("completing {} files that are promoted in part", rest.size());
      }
    }
  }

  /** How many files are partial now. */
  public int outstandingCount() {
    return outstanding.size();
  }

  /** Promotions of this kind since the union was opened. */
  public long startedCount() {
    return started.sum();
  }

  /** How many of them are over. */
  public long finishedCount() {
    return finished.sum();
  }

  /** Bytes that were copied because nobody had written them. */
  public long copiedBytes() {
    return completion.copiedBytes();
  }
}
