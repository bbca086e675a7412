package dev.lamina.overlay.node;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * A directory of one layer. It is reached one component at a time from the layer's root, never
 * through a symbolic link, by an {@code O_PATH} descriptor that is opened when needed and closed by
 * the {@link DescriptorCache} when it was idle for long.
 *
 * <p>Use: {@code int fd = dir.pin(); try { ... } finally { dir.unpin(); }}. Directories of the
 * upper move; pin one only under the shared {@link TreeLock}.
 */
public final class LayerDir {
  private static final int CLOSED = -1;
  private static final AtomicIntegerFieldUpdater<LayerDir> PINS =
      AtomicIntegerFieldUpdater.newUpdater(LayerDir.class, "pins");

  private final Layer layer;
  private final DescriptorCache cache;

  /** Null for the layer's root. Changes, for the upper, under the exclusive tree lock. */
  private LayerDir parent;

  private byte[] name;

  /** {@link #CLOSED}, or how many users hold the descriptor; published after {@link #fd}. */
  private volatile int pins = CLOSED;

  private volatile boolean used;
  private int fd;

  private LayerDir(Layer layer, DescriptorCache cache, LayerDir parent, byte[] name) {
    this.layer = layer;
    this.cache = cache;
    this.parent = parent;
    this.name = name;
  }

  /** The root of a layer; owns {@code fd}, which stays open until {@link #closeRoot}. */
  public static LayerDir root(Layer layer, DescriptorCache cache, int fd) {
    LayerDir root = new LayerDir(layer, cache, null, new byte[0]);
    root.fd = fd;
    root.pins = 1;
    return root;
  }

  /** The directory {@code name} in this one. */
  public LayerDir child(byte[] childName) {
    return new LayerDir(layer, cache, this, childName);
  }

  /** The layer that it is in. */
  public Layer layer() {
    return layer;
  }

  /** Follows a rename; only under the exclusive tree lock. */
  public void moveTo(LayerDir newParent, byte[] newName) {
    parent = newParent;
    name = newName;
  }

  /** The descriptor, valid until {@link #unpin}. ENOENT if somebody removed it behind our back. */
  public int pin() throws ErrnoException {
    if (tryPin()) {
      cache.hit();
    } else {
      openFromAncestors();
    }
    return fd;
  }

  /** Ends the use of the descriptor that {@link #pin} began. */
  public void unpin() {
    PINS.decrementAndGet(this);
  }

  private boolean tryPin() {
    int count = pins;
    while (count != CLOSED) {
      if (PINS.compareAndSet(this, count, count + 1)) {
        used = true;
        return true;
      }
      count = pins;
    }
    return false;
  }

  /** Walks down from the nearest open ancestor; a loop, since trees may be thousands deep. */
  private void openFromAncestors() throws ErrnoException {
    ArrayDeque<LayerDir> closed = new ArrayDeque<>();
    LayerDir reached = this;
    while (!reached.tryPin()) {
      closed.push(reached);
      reached = reached.parent;
    }
    while (!closed.isEmpty()) {
      LayerDir next = closed.pop();
      try {
        next.openIn(reached.fd);
      } finally {
        reached.unpin();
      }
      reached = next;
    }
  }

  private void openIn(int parentFd) throws ErrnoException {
    synchronized (this) {
      if (tryPin()) {
        return;
      }
      fd = At.openDirectory(parentFd, Name.of(name));
      used = true;
      pins = 1;
    }
    cache.opened(this);
  }

  /**
   * Closes an idle descriptor; false when it is held, or was used since it was last asked. Under
   * the cache's lock.
   */
  boolean closeUnlessUsed() {
    if (used) {
      used = false;
      return false;
    }
    if (pins == CLOSED) {
      return true;
    }
    // Read before it is given up: the next user may open and store another one at once.
    int idle = fd;
    if (PINS.compareAndSet(this, 0, CLOSED)) {
      Fd.close(idle);
      return true;
    }
    return false;
  }

  void clearUse() {
    used = false;
  }

  /** Gives an idle descriptor back at once: the directory's node is gone. */
  public void drop() {
    if (parent != null && pins != CLOSED) {
      cache.drop(this);
    }
  }

  /** Closes the descriptor of a layer's root. */
  public void closeRoot() {
    Fd.close(fd);
  }

  /** Layer and path, for messages. */
  @Override
  public String toString() {
    StringBuilder path = new StringBuilder();
    for (LayerDir dir = this; dir.parent != null; dir = dir.parent) {
      path.insert(0, "/" + Name.printable(dir.name));
    }
    return layer.label() + path;
  }
}
