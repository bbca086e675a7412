package dev.lamina.nio;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Regions of files that are locked, by node. A lock belongs to the whole virtual machine and nobody
 * else can have the tree open for writing, so there is nobody to wait for: a region is free, or
 * somebody in this process has it.
 */
final class FileLocks {
  @GuardedBy("this")
  private final Map<Long, List<Lock>> byNode = new HashMap<>();

  /** A region of one file. */
  private final class Lock extends FileLock {
    private final long node;
    private boolean valid = true;

    Lock(FileChannel channel, long node, long position, long size, boolean shared) {
      super(channel, position, size, shared);
      this.node = node;
    }

    @Override
    public boolean isValid() {
      synchronized (FileLocks.this) {
        return valid;
      }
    }

    @Override
    public void release() throws IOException {
      if (!acquiredBy().isOpen()) {
        throw new ClosedChannelException();
      }
      synchronized (FileLocks.this) {
        if (valid) {
          valid = false;
          forget(node, List.of(this));
        }
      }
    }
  }

  /**
   * Locks a region.
   *
   * @throws OverlappingFileLockException where somebody has some of it
   */
  synchronized FileLock lock(
      FileChannel channel, long node, long position, long size, boolean shared) {
    Lock lock = new Lock(channel, node, position, size, shared);
    List<Lock> known = byNode.getOrDefault(node, List.of());
    if (known.stream().anyMatch(l -> l.overlaps(position, size))) {
      throw new OverlappingFileLockException();
    }
    byNode.computeIfAbsent(node, n -> new ArrayList<>()).add(lock);
    return lock;
  }

  /** Ends all locks that {@code channel} has. */
  synchronized void releaseAll(FileChannel channel, long node) {
    List<Lock> of =
        byNode.getOrDefault(node, List.of()).stream()
            .filter(l -> l.acquiredBy() == channel)
            .toList();
    of.forEach(l -> l.valid = false);
    forget(node, of);
  }

  @GuardedBy("this")
  private void forget(long node, List<Lock> locks) {
    List<Lock> known = byNode.get(node);
    if (known != null) {
      known.removeAll(locks);
      if (known.isEmpty()) {
        byNode.remove(node);
      }
    }
  }
}
