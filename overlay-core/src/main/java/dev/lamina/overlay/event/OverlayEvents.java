package dev.lamina.overlay.event;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.Node;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what an overlay does and tells its listeners. What is noted under a lock is told by {@link
 * #tell}, when the thread holds none any more. Thread-safe.
 */
public final class OverlayEvents {
  private static final Logger LOG = LoggerFactory.getLogger(OverlayEvents.class);

  /** One promotion, from its start on. */
  public static final class Running {
    /** Null where nobody listens. */
    private final Promotion promotion;

    /** Whether it was told that it started. */
    private final boolean told;

    private final long start = System.nanoTime();

    private Running(Promotion promotion, boolean told) {
      this.promotion = promotion;
      this.told = told;
    }
  }

  private static final class Count {
    final LongAdder times = new LongAdder();
    final LongAdder bytes = new LongAdder();
  }

  private final List<OverlayListener> listeners;
  private final boolean heard;
  private final Map<PromotionKind, Count> promotions = new EnumMap<>(PromotionKind.class);
  private final LongAdder failures = new LongAdder();
  private final LongAdder whiteouts = new LongAdder();
  private final AtomicBoolean failureTold = new AtomicBoolean();

  /** What this thread noted and did not tell yet. */
  private final ThreadLocal<ArrayDeque<Consumer<OverlayListener>>> noted =
      ThreadLocal.withInitial(ArrayDeque::new);

  /** Events of one overlay. */
  public OverlayEvents(List<OverlayListener> listeners) {
    this.listeners = List.copyOf(listeners);
    this.heard = !listeners.isEmpty();
    for (PromotionKind kind : PromotionKind.values()) {
      promotions.put(kind, new Count());
    }
  }

  /**
   * {@code node} begins to come up, which is told at once: a lock that only whoever wants to change
   * the same node needs may be held.
   */
  public Running started(Node node) {
    if (!heard) {
      return new Running(null, false);
    }
    Promotion promotion = promotion(node);
    tellNow(listener -> listener.promotionStarted(promotion));
    return new Running(promotion, true);
  }

  /**
   * {@code node} may begin to come up, which takes no time worth telling: its start is told with
   * its end, and not at all if nothing comes of it.
   */
  public Running begun(Node node) {
    return new Running(heard ? promotion(node) : null, false);
  }

  private static Promotion promotion(Node node) {
    return new Promotion(node.ino(), node.type(), NodePath.of(node));
  }

  /** {@code running} is done. */
  public void finished(Running running, PromotionKind kind, long bytes) {
    Count count = promotions.get(kind);
    count.times.increment();
    count.bytes.add(bytes);
    if (heard) {
      long nanos = System.nanoTime() - running.start;
      noteStart(running);
      note(listener -> listener.promotionFinished(running.promotion, kind, bytes, nanos));
    }
  }

  /** {@code running} failed; what is no error of the system counts as EIO. */
  public void failed(Running running, Exception failure) {
    failed(running, failure instanceof ErrnoException known ? known.errno() : Errno.EIO);
  }

  /** {@code running} failed, with {@code errno}. */
  public void failed(Running running, int errno) {
    failures.increment();
    if (heard) {
      noteStart(running);
      note(listener -> listener.promotionFailed(running.promotion, errno));
    }
  }

  /** A whiteout hides {@code name} in {@code parent}. */
  public void whiteout(DirNode parent, Name name) {
    whiteouts.increment();
    if (heard) {
      String path = NodePath.of(parent, name.toBytes());
      note(listener -> listener.whiteoutMade(path));
    }
  }

  /** A request was answered with {@code errno}, whichever; told at once, if it is worth telling. */
  public void requestFailed(String operation, long inode, int errno) {
    if (heard && Errno.isOfHost(errno)) {
      tellNow(listener -> listener.requestFailed(operation, inode, errno));
    }
  }

  private void noteStart(Running running) {
    if (!running.told) {
      note(listener -> listener.promotionStarted(running.promotion));
    }
  }

  private void note(Consumer<OverlayListener> event) {
    noted.get().add(event);
  }

  /** Tells what this thread noted; it holds no locks. */
  public void tell() {
    if (heard) {
      ArrayDeque<Consumer<OverlayListener>> events = noted.get();
      while (!events.isEmpty()) {
        tellNow(events.remove());
      }
    }
  }

  private void tellNow(Consumer<OverlayListener> event) {
    for (OverlayListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (Throwable e) {
        // Whatever it is, it is not this thread's: a request or a promotion goes on.
        if (failureTold.compareAndSet(false, true)) {
          LOG.warn("a listener failed; this is not told again", e);
        }
      }
    }
  }

  /** Promotions of {@code kind} that are done. */
  public long times(PromotionKind kind) {
    return promotions.get(kind).times.sum();
  }

  /** Bytes that they copied. */
  public long bytes(PromotionKind kind) {
    return promotions.get(kind).bytes.sum();
  }

  /** How often a promotion failed. */
  public long failures() {
    return failures.sum();
  }

  /** How many whiteouts were made. */
  public long whiteouts() {
    return whiteouts.sum();
  }
}
