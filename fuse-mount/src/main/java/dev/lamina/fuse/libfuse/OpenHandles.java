package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.session.LongCounters;
import dev.lamina.overlay.InodeFileSystem;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What programs have open, and the node behind each: libfuse names an open file by its handle
 * alone, and an open directory by its node. Each holds a lookup of its node. Thread-safe.
 */
final class OpenHandles {
  /** {@code held}: whether there is a lookup to give back, which the root has none of. */
  private record OpenFile(long node, boolean held) {}

  private final InodeFileSystem fileSystem;
  private final HiddenFiles hidden;
  private final Map<Long, OpenFile> files = new ConcurrentHashMap<>();
  private final LongCounters openNodes = new LongCounters();
  private final LongCounters directories = new LongCounters();

  OpenHandles(InodeFileSystem fileSystem, HiddenFiles hidden) {
    this.fileSystem = fileSystem;
    this.hidden = hidden;
  }

  /** Takes over the handle, and a lookup of the node where {@code held}. */
  void opened(long handle, long node, boolean held) {
    openNodes.add(node, 1);
    files.put(handle, new OpenFile(node, held));
  }

  /** The node of an open file; 0 where there is no such handle. */
  long node(long handle) {
    OpenFile file = files.get(handle);
    return file == null ? 0 : file.node;
  }

  /** Whether a file is open. */
  boolean isOpen(long node) {
    return openNodes.contains(node);
  }

  void released(long handle) {
    OpenFile file = files.remove(handle);
    if (file != null) {
      release(handle, file);
    }
  }

  private void release(long handle, OpenFile file) {
    fileSystem.release(handle);
    openNodes.subtract(file.node, 1);
    if (!openNodes.contains(file.node)) {
      hidden.closed(file.node);
    }
    if (file.held) {
      fileSystem.forget(file.node, 1);
    }
  }

  /** Takes over a lookup of the directory. */
  void openedDirectory(long node) {
    directories.add(node, 1);
  }

  void releasedDirectory(long node) {
    if (directories.subtract(node, 1) > 0) {
      fileSystem.forget(node, 1);
    }
  }

  /** For the end, when the kernel tells of no release any more. */
  void releaseAll() {
    files.forEach(
        (handle, file) -> {
          files.remove(handle);
          release(handle, file);
        });
    directories.drain(fileSystem::forget);
  }
}
