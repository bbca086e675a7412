package dev.lamina.nio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.lamina.linux.ErrnoException;
import dev.lamina.overlay.OverlayOptions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The merged tree as a {@link FileSystem}, for {@link java.nio.file.Files} and whatever takes a
 * {@link Path}. There is no mount, and no privilege is needed beyond that to read the layers and
 * write the upper.
 *
 * <pre>{@code
 * try (FileSystem fs = LaminaFileSystem.open(options)) {
 *   Files.writeString(fs.getPath("/etc/motd"), "hello\n");
 * }
 * }</pre>
 *
 * <p>It behaves as the JDK's default file system does on Linux, seen from within a chroot: symbolic
 * links end inside, relative paths start at the root. The tree is seen as its root sees it:
 * permissions and owners are shown and kept, but nobody is refused for them. Users and groups have
 * the names of the tree's own {@code /etc/passwd} and {@code /etc/group}. There is no {@link
 * WatchService}.
 *
 * <p>Thread-safe. {@link #close} waits for calls under way, closes all channels and streams, and
 * the layers if this opened them. Open ones are found by {@code lamina://NAME}.
 */
public final class LaminaFileSystem extends FileSystem {
  private final LaminaFileSystemProvider provider;
  private final String name;
  private final Tree tree;
  private final Inspection inspection = new Inspection(this);
  private final Changes changes = new Changes(this);
  private final Opening opening = new Opening(this);
  private final FileLocks locks = new FileLocks();
  private final Accounts accounts;
  private final LaminaPath root = LaminaPath.of(this, PathBytes.ROOT);

  /** Channels and streams that are open. */
  private final Set<Closeable> resources = ConcurrentHashMap.newKeySet();

  /** Shared by calls, exclusive for the end. */
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

  private volatile boolean open = true;

  LaminaFileSystem(LaminaFileSystemProvider provider, String name, Tree tree) {
    this.provider = provider;
    this.name = name;
    this.tree = tree;
    this.accounts = new Accounts(this);
  }

  /** What to open, and how it is called. */
  public static LaminaFileSystemBuilder builder() {
    return new LaminaFileSystemBuilder();
  }

  /**
   * Opens a stack of layers under a name that is made up; writable if it has an upper.
   *
   * @throws ErrnoException as {@link dev.lamina.overlay.Overlay#open} does
   */
  public static LaminaFileSystem open(OverlayOptions layers) throws IOException {
    return builder().layers(layers).open();
  }

  /** What it is called in URIs. */
  public String name() {
    return name;
  }

  /** A path of any bytes, as names on Linux are. */
  public Path getPath(byte[] path) {
    for (byte b : path) {
      if (b == 0) {
        throw new IllegalArgumentException("a path with a NUL");
      }
    }
    return LaminaPath.of(this, path.clone());
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isReadOnly() {
    return tree.isReadOnly();
  }

  @Override
  public String getSeparator() {
    return "/";
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return List.of(root);
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return List.of(new LaminaFileStore(this));
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return NamedAttributes.SUPPORTED;
  }

  @Override
  public Path getPath(String first, String... more) {
    StringBuilder path = new StringBuilder(first);
    for (String part : more) {
      if (!part.isEmpty()) {
        path.append(path.isEmpty() ? "" : "/").append(part);
      }
    }
    return LaminaPath.of(this, PathBytes.encode(path.toString()));
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    return Glob.matcher(syntaxAndPattern);
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    return accounts;
  }

  /** Always an {@link UnsupportedOperationException}. */
  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException("a union cannot be watched");
  }

  @Override
  public void close() throws IOException {
    use.writeLock().lock();
    try {
      if (!open) {
        return;
      }
      open = false;
    } finally {
      use.writeLock().unlock();
    }
    try {
      for (Closeable resource : resources) {
        resource.close();
      }
    } finally {
      tree.close();
      provider.closed(this);
    }
  }

  LaminaPath rootPath() {
    return root;
  }

  Tree tree() {
    return tree;
  }

  /**
   * The tree, to change it.
   *
   * @throws ReadOnlyFileSystemException where it is read-only
   */
  WritableTree writable() {
    if (!isReadOnly() && tree instanceof WritableTree writable) {
      return writable;
    }
    throw new ReadOnlyFileSystemException();
  }

  Inspection inspection() {
    return inspection;
  }

  Changes changes() {
    return changes;
  }

  Opening opening() {
    return opening;
  }

  Accounts accounts() {
    return accounts;
  }

  FileLocks locks() {
    return locks;
  }

  LaminaFileAttributes attributes(LaminaPath path, boolean follow) throws IOException {
    return new LaminaFileAttributes(inspection.status(path, follow), accounts);
  }

  /** {@code resource} is to be closed with this. */
  void opened(Closeable resource) {
    resources.add(resource);
  }

  void closed(Closeable resource) {
    resources.remove(resource);
  }

  /** Something that needs the tree. */
  interface Action<T> {
    T run() throws IOException;
  }

  /** Something that needs a place in the tree. */
  interface PlaceAction<T> {
    T run(Place place) throws IOException;
  }

  /**
   * Runs {@code action} while the tree is open, and says errors of Linux about {@code path} and
   * {@code other} as Java does. Either may be null.
   *
   * @throws ClosedFileSystemException after {@link #close}
   */
  @CanIgnoreReturnValue
  <T> T inside(LaminaPath path, LaminaPath other, Action<T> action) throws IOException {
    use.readLock().lock();
    try {
      if (!open) {
        throw new ClosedFileSystemException();
      }
      return action.run();
    } catch (ErrnoException e) {
      throw Failures.of(e, path, other);
    } finally {
      use.readLock().unlock();
    }
  }

  /** As {@link #inside}, with where {@code path} leads. */
  @CanIgnoreReturnValue
  <T> T at(LaminaPath path, boolean follow, PlaceAction<T> action) throws IOException {
    return inside(
        path,
        null,
        () -> {
          try (Place place = new Walk(tree).place(path.bytes(), follow)) {
            return action.run(place);
          }
        });
  }
}
