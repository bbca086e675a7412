package dev.lamina.snapshot;

import com.google.common.annotations.VisibleForTesting;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.lamina.linux.ErrnoException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of one root directory, as containerd's interface of that name describes them.
 *
 * <p>Every change is on stable storage when its call returns. Directories are made before the
 * transaction that records them, and removed after the one that forgets them: whenever the process
 * is killed, the metadata are consistent and what they name is there; what nothing names goes at
 * the next {@link #open} or {@link #cleanup}. Contents are synced when a snapshot is committed.
 *
 * <p>Thread-safe. Nothing waits for the size of another's snapshot.
 */
public final class Snapshots implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Snapshots.class);

  private static final String UPPER_LABEL = "containerd.io/snapshot/overlay.upperdir";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What separates options, layers and words where paths go. */
  private static final String UNFIT = ",:\\\"'\n";

  private final RootLock lock;
  private final Metadata metadata;
  private final Directories directories;
  private final Mounts mounts;
  private final Completion completion;
  private final boolean upperLabel;
  private final Clock clock;
  private final AtomicLong lastId = new AtomicLong();

  /** Shared while a directory is there that is not recorded yet. */
  private final ReadWriteLock unrecorded = new ReentrantReadWriteLock();

  /** Ids of what is being deleted. */
  private final Set<Long> going = ConcurrentHashMap.newKeySet();

  private Snapshots(
      RootLock lock,
      Metadata metadata,
      Directories directories,
      SnapshotOptions options,
      Clock clock) {
    this.lock = lock;
    this.metadata = metadata;
    this.directories = directories;
    this.mounts = new Mounts(directories, options.mountProgram(), options.mountOptions());
    this.completion = new Completion(PATIENCE);
    this.upperLabel = options.upperLabel();
    this.clock = clock;
  }

  /**
   * Opens a root, which is made where it is missing, and removes what a killed process left there.
   *
   * @param root absolute
   * @throws SnapshotException for a path that cannot be part of a mount option
   * @throws IOException where another has it (EBUSY), or others can write there
   */
  public static Snapshots open(Path root, SnapshotOptions options)
      throws IOException, SnapshotException, InterruptedException {
    return open(root, options, Clock.systemUTC());
  }

  @VisibleForTesting
  static Snapshots open(Path root, SnapshotOptions options, Clock clock)
      throws IOException, SnapshotException, InterruptedException {
    if (!root.isAbsolute() || root.toString().chars().anyMatch(c -> UNFIT.indexOf(c) >= 0)) {
      throw SnapshotException.invalid(
          "root " + root + " has to be absolute, without any of " + UNFIT.strip());
    }
    Files.createDirectories(
        root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    RootLock lock = RootLock.take(root);
    try {
      Directories directories = Directories.in(root);
      Metadata metadata = Metadata.open(root.resolve("metadata.sqlite"));
      try {
        Snapshots snapshots = new Snapshots(lock, metadata, directories, options, clock);
        snapshots.begin();
        return snapshots;
      } catch (IOException | SnapshotException | InterruptedException | RuntimeException e) {
        metadata.close();
        throw e;
      }
    } catch (IOException | SnapshotException | InterruptedException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private void begin() throws IOException, SnapshotException, InterruptedException {
    directories.syncRoot();
    long last = 0;
    for (Set<Long> ids : List.of(metadata.ids(), directories.ids())) {
      for (long id : ids) {
        last = Math.max(last, id);
      }
    }
    lastId.set(last);
    cleanup();
  }

  /** What is recorded about a snapshot. */
  public SnapshotInfo stat(String key) throws SnapshotException, IOException {
    return shown(metadata.get(key));
  }

  /**
   * Changes labels.
   *
   * @param paths {@code labels}, or {@code labels.NAME} each; none for all labels
   * @return what is recorded then
   */
  public SnapshotInfo update(String key, Map<String, String> labels, List<String> paths)
      throws SnapshotException, IOException {
    SnapshotInfo info = shown(metadata.update(key, labels, paths, clock.instant()));
    log.debug("updated {}", key);
    return info;
  }

  /** Those that any of the filters selects, all without filters; by key. */
  public List<SnapshotInfo> list(List<String> filters) throws SnapshotException, IOException {
    Filter filter = Filter.anyOf(filters);
    List<SnapshotInfo> selected = new ArrayList<>();
    for (Row row : metadata.all()) {
      if (filter.matches(row.info())) {
        selected.add(shown(row));
      }
    }
    return selected;
  }

  private SnapshotInfo shown(Row row) {
    if (!upperLabel) {
      return row.info();
    }
    Map<String, String> labels = new TreeMap<>(row.info().labels());
    labels.put(UPPER_LABEL, directories.upper(row.id()).toString());
    return row.info().withLabels(ImmutableMap.copyOf(labels));
  }

  /** What a snapshot itself takes: an active one at this moment, a committed one at its commit. */
  public Usage usage(String key) throws SnapshotException, IOException {
    Row row = metadata.get(key);
    return row.info().kind() == Kind.ACTIVE ? directories.usage(row.id()) : row.usage();
  }

  /** How an active snapshot or a view is mounted. */
  public ImmutableList<SnapshotMount> mounts(String key) throws SnapshotException, IOException {
    return mounts.of(metadata.stack(key));
  }

  /**
   * Begins an active snapshot.
   *
   * @param parent empty for none
   */
  public ImmutableList<SnapshotMount> prepare(String key, String parent, Map<String, String> labels)
      throws SnapshotException, IOException, InterruptedException {
    return create(Kind.ACTIVE, key, parent, labels);
  }

  /** Begins a view. */
  public ImmutableList<SnapshotMount> view(String key, String parent, Map<String, String> labels)
      throws SnapshotException, IOException, InterruptedException {
    return create(Kind.VIEW, key, parent, labels);
  }

  private ImmutableList<SnapshotMount> create(
      Kind kind, String key, String parent, Map<String, String> given)
      throws SnapshotException, IOException, InterruptedException {
    ImmutableMap<String, String> labels = Labels.checked(given);
    IdMappings.of(labels);
    unrecorded.readLock().lock();
    try {
      Long under = metadata.checkNew(key, parent).map(Row::id).orElse(null);
      long id = lastId.incrementAndGet();
      makeDirectories(id, kind, under);
      return record(id, kind, key, parent, labels);
    } finally {
      unrecorded.readLock().unlock();
    }
  }

  private void makeDirectories(long id, Kind kind, Long parent)
      throws IOException, InterruptedException {
    boolean made = false;
    try {
      directories.make(id, kind, parent);
      made = true;
    } finally {
      if (!made) {
        delete(id);
      }
    }
  }

  private ImmutableList<SnapshotMount> record(
      long id, Kind kind, String key, String parent, ImmutableMap<String, String> labels)
      throws SnapshotException, IOException, InterruptedException {
    try {
      Metadata.Stack stack =
          metadata.create(id, kind, key, parent, labels, clock.instant(), mounts::of);
      log.debug("{} {} on \"{}\" is snapshot {}", kind.text(), key, parent, id);
      return mounts.of(stack);
    } catch (SnapshotException e) {
      // Where the disk failed, in contrast, the record may be there or not: a cleanup will see.
      delete(id);
      throw e;
    }
  }

  /** Makes an active snapshot a committed one, with other labels. Its key is free then. */
  public void commit(String name, String key, Map<String, String> given)
      throws SnapshotException, IOException, InterruptedException {
    ImmutableMap<String, String> labels = Labels.checked(given);
    Metadata.Stack stack = metadata.checkCommit(name, key);
    long id = stack.row().id();
    completion.complete(
        directories.upper(id), directories.work(id), mounts.lowers(stack.parents()));
    directories.syncContents(id);
    metadata.commit(name, key, id, directories.usage(id), labels, clock.instant());
    log.debug("committed {} as {}, snapshot {}", key, name, id);
  }

  /** Removes a snapshot that has no children. */
  public void remove(String key) throws SnapshotException, IOException, InterruptedException {
    long id = metadata.remove(key);
    log.debug("removed {}, snapshot {}", key, id);
    delete(id);
  }

  /** Removes the directories that belong to no snapshot. */
  public void cleanup() throws SnapshotException, IOException, InterruptedException {
    Set<Long> garbage;
    unrecorded.writeLock().lock();
    try {
      garbage = directories.ids();
      garbage.removeAll(metadata.ids());
    } finally {
      unrecorded.writeLock().unlock();
    }
    for (long id : garbage) {
      delete(id);
    }
  }

  /** Its record is gone, so a failure is no one's but the next cleanup's. */
  private void delete(long id) throws InterruptedException {
    if (!going.add(id)) {
      return;
    }
    try {
      directories.remove(id);
    } catch (ErrnoException e) {
      log.warn("left until the next cleanup: {}", e.getMessage());
    } finally {
      going.remove(id);
    }
  }

  /** Lets go of the root. Idempotent. */
  @Override
  public void close() throws IOException {
    metadata.close();
    lock.close();
  }
}
