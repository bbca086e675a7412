package dev.lamina.fuse.session;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Nodes whose data the kernel was given at an open, the latest ones: what is read again is cached
 * already, or was dropped for want of memory. Forgetful, so of a fixed size. Thread-safe.
 */
final class CachedFiles {
  private static final int SLOTS = 4096;

  /** Each in the one place it can be; 0 where there is none. */
  private final AtomicLongArray nodes = new AtomicLongArray(SLOTS);

  boolean contains(long node) {
    return nodes.getPlain(slot(node)) == node;
  }

  void add(long node) {
    nodes.set(slot(node), node);
  }

  /** To be called before the id may mean another file. */
  void remove(long node) {
    int slot = slot(node);
    if (nodes.getPlain(slot) == node) {
      nodes.compareAndSet(slot, node, 0);
    }
  }

  private static int slot(long node) {
    return (int) node & (SLOTS - 1);
  }
}
