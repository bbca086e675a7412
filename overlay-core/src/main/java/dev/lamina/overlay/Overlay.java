package dev.lamina.overlay;

import dev.lamina.linux.ErrnoException;
import java.nio.file.Path;
import java.util.List;

/**
 * A stack of layers, opened: the union of its read-only layers and, if it has one, its writable
 * layer.
 *
 * <pre>{@code
 * OverlayOptions options = OverlayOptions.builder()
 *     .addLower(Path.of("layers/top")).addLower(Path.of("layers/base"))
 *     .writable(Path.of("upper"), Path.of("work"))
 *     .build();
 * try (Overlay overlay = Overlay.open(options)) {
 *   byte[] motd = overlay.paths().read("/etc/motd");
 * }
 * }</pre>
 *
 * <p>Nobody else may change the layers meanwhile. Thread-safe. {@link #close} is idempotent and
 * must come after the last use of {@link #inodes} and {@link #paths}; what was written is in the
 * upper from the moment each call returned.
 */
public final class Overlay implements AutoCloseable {
  private final LayerStack stack;
  private final UnionFileSystem fileSystem;
  private final boolean readOnly;
  private boolean closed;

  private Overlay(LayerStack stack, UnionFileSystem fileSystem, boolean readOnly) {
    this.stack = stack;
    this.fileSystem = fileSystem;
    this.readOnly = readOnly;
  }

  /**
   * Opens the layers and sweeps what a crash left in the work directory.
   *
   * @throws ErrnoException naming the directory: ENOENT or ENOTDIR for a layer that is none; ELOOP
   *     for layers that lie one inside the other, EINVAL for such an upper and work; EBUSY for an
   *     upper or work directory in use, EXDEV for one on another filesystem than the other; EINVAL
   *     for an upper that was mounted volatile, or whose filesystem has no whiteouts
   */
  public static Overlay open(OverlayOptions options) throws ErrnoException {
    LayerStack stack = LayerStack.open(options);
    try {
      UnionFileSystem fileSystem = new UnionFileSystem(new Union(stack, options));
      fileSystem.begin();
      return new Overlay(stack, fileSystem, options.upper().isEmpty());
    } catch (ErrnoException | RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  /**
   * Refuses a directory that a stack cannot be mounted on: one inside a layer or around one. A
   * transport that makes a mount asks before it opens the stack.
   *
   * @throws ErrnoException ELOOP, in words for people; what opening a directory gives
   */
  public static void requireMountPoint(OverlayOptions options, Path mountPoint)
      throws ErrnoException {
    LayerOverlap.requireMountPoint(options, mountPoint);
  }

  /** An upper that no stack can be opened with until this is closed. */
  public interface Reservation extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Keeps every mount from an upper that is about to be removed or moved.
   *
   * @throws ErrnoException EBUSY where a stack that is open has it
   */
  public static Reservation reserve(Path upper) throws ErrnoException {
    return UpperLock.take(upper)::close;
  }

  /** The union by inode: what transports drive. */
  public InodeFileSystem inodes() {
    return fileSystem;
  }

  /** Whether there is no writable layer: every change fails with EROFS. */
  public boolean isReadOnly() {
    return readOnly;
  }

  /**
   * How many inodes of the merged tree somebody holds, the root included: what memory grows with.
   * Lookups that were forgotten and files that were released do not count any more.
   */
  public int nodes() {
    return fileSystem.nodes();
  }

  /** What was done since it was opened, and what is held; see the record. */
  public OverlayMetrics metrics() {
    return fileSystem.metrics(stack.directories());
  }

  /** The union by path, for programs that embed it. */
  public OverlayPaths paths() {
    return new OverlayPaths(fileSystem);
  }

  /**
   * What the writable layer changed against the layers below it, directories before what is in
   * them. A directory counts as changed when the layer has it, because something in it changed.
   *
   * <p>Somebody else may have the layers mounted: what a live mount is changing at this moment may
   * or may not be seen. The work directory need not be there; its index tells of hard links that
   * changed by another of their names.
   *
   * @param options the stack; its upper, if it has one, else its topmost lower, is compared
   */
  public static List<Change> changes(OverlayOptions options) throws ErrnoException {
    try (LayerStack stack = LayerStack.openForReading(options)) {
      return UpperChanges.of(stack, options);
    }
  }

  /** Lets go of everything and finishes nothing, as if the process were killed; for tests. */
  synchronized void abandon() {
    if (!closed) {
      closed = true;
      fileSystem.abandon();
      stack.close();
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      fileSystem.close();
      stack.close();
    }
  }
}
