package dev.lamina.fuse.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.Opened;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the kernel does the I/O of each node: through its page cache, or past the server on the real
 * file. All opens of a node at one time have the same mode, and in passthrough the same backing
 * number, or the kernel fails them with EIO; so a mode lasts as long as the node is open.
 *
 * <p>A node in passthrough whose data has moved to another real file cannot be opened as it is: see
 * {@link #MOVED}.
 *
 * <p>Numbers of nodes that are no longer open are kept for the next open, the latest {@value
 * #IDLE_PER_STRIPE} of each stripe, until the kernel forgets the node. Thread-safe.
 */
final class IoModes {
  /** {@link #open}: through the page cache, which may hold the file's data already. */
  static final int CACHED = 0;

  /** {@link #open}: through the page cache, which may hold old data. */
  static final int CACHED_AFRESH = -1;

  /** {@link #open}: not under this node id, now or later; the file needs another. */
  static final int MOVED = -2;

  private static final Logger log = LoggerFactory.getLogger(IoModes.class);

  private static final int STRIPES = 16;
  private static final int IDLE_PER_STRIPE = 64;

  /** Numbers for real files, see {@link BackingFiles}. */
  interface Backings {
    int open(int fd) throws ErrnoException;

    void close(int number);
  }

  /** The data of a file that is being opened. */
  interface Contents {
    /** Whether they are a program or a shared library. */
    boolean isCode(Opened opened);

    /** The {@link #quietMoment} before they were read; {@link #NEVER} where they were not. */
    long moment();

    /**
     * The kernel will read the file through its page cache, what was read is still its data, and
     * nobody has it open, so that no page of it waits for the server.
     */
    void cache();
  }

  /** {@link #quietMoment}: no such moment. */
  static final long NEVER = -1;

  private final Backings backings;
  private final LongPredicate isHeld;
  private final Stripe[] stripes = new Stripe[STRIPES];

  /**
   * Nodes that a passthrough open could map to write, and those that were replaced. Until the
   * kernel forgets them: a mapping is of the real file and lives on after the RELEASE.
   */
  private final LongCounters changing = new LongCounters();

  private volatile PassthroughPolicy policy;

  /** False where no node was ever in passthrough. */
  private final boolean mayHavePassed;

  /**
   * Modes of one connection.
   *
   * @param policy OFF where the kernel did not agree to passthrough
   * @param isHeld whether the kernel still knows a node
   */
  IoModes(PassthroughPolicy policy, Backings backings, LongPredicate isHeld) {
    this.policy = policy;
    this.mayHavePassed = policy != PassthroughPolicy.OFF;
    this.backings = backings;
    this.isHeld = isHeld;
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe();
    }
  }

  /** No open is in passthrough from now on: this kernel, or this process, cannot. */
  void turnOff() {
    policy = PassthroughPolicy.OFF;
  }

  /** Whether files whose data stays where it is are in passthrough. */
  boolean passesThrough() {
    return policy != PassthroughPolicy.OFF;
  }

  private Stripe stripe(long node) {
    return stripes[(int) node & (STRIPES - 1)];
  }

  /**
   * Decides for one more open of {@code node}; each but a {@link #MOVED} one is ended by {@link
   * #released}.
   *
   * @param flags of the open
   * @return a backing number for passthrough, or one of the constants, none of which is positive
   */
  int open(long node, Opened opened, int flags, Contents contents) {
    return stripe(node).open(node, opened, flags, contents);
  }

  /**
   * A moment in which nobody has {@code node} open or truncates it, else {@link #NEVER}: also for
   * one that was in passthrough. If it is still the same moment at an open later on, nobody has
   * changed its data in between.
   */
  long quietMoment(long node) {
    return stripe(node).quietMoment(node);
  }

  /** The data of {@code node} changes until {@link #endChange}, without an open. */
  void beginChange(long node) {
    stripe(node).beginChange();
  }

  void endChange(long node) {
    stripe(node).endChange();
  }

  /** One open less of {@code node}. */
  void released(long node) {
    stripe(node).released(node);
  }

  /** The kernel holds {@code node} less often; if no more, its id may soon mean another file. */
  void forgotten(long node) {
    if (mayHavePassed) {
      stripe(node).forgotten(node);
    }
  }

  /**
   * Whether the attributes of {@code node} may change with no request telling so: somebody writes
   * through a mapping of the real file, or the file goes on under another id.
   */
  boolean isVolatile(long node) {
    return changing.contains(node);
  }

  private boolean wantsPassthrough(Opened opened, Contents contents) {
    if (opened.descriptor == Opened.NONE) {
      return false;
    }
    return switch (policy) {
      case OFF -> false;
      case ALL -> true;
      case AUTO -> opened.settled || contents.isCode(opened);
    };
  }

  /**
   * Whether an open with {@code flags} may change the file through a mapping, which nobody tells
   * of: mmap(2) wants both. Of what goes through write(2) the kernel knows by itself.
   */
  static boolean mayMap(int flags) {
    return (flags & OpenFlags.O_ACCMODE) == OpenFlags.O_RDWR;
  }

  /** Whether the data is about to leave its real file, or is in several. */
  private static boolean isMoving(Opened opened) {
    return opened.descriptor == Opened.NONE;
  }

  /** A backing number, or {@link #CACHED_AFRESH}: passthrough opens of before may have written. */
  private int register(int descriptor) {
    try {
      return backings.open(descriptor);
    } catch (ErrnoException e) {
      log.debug("no passthrough for a file: {}", e.getMessage());
      if (e.errno() == Errno.EPERM) {
        turnOff();
      }
      return CACHED_AFRESH;
    }
  }

  /** The mode of one node. */
  private static final class Mode {
    int opens;

    /** Positive in passthrough, else {@link #CACHED}. */
    int backing;

    /** Whether the backing file is where the data stays. */
    boolean settled;

    /** Whether names lead to another id by now. */
    boolean replaced;
  }

  private final class Stripe {
    @GuardedBy("this")
    private final Map<Long, Mode> open = new HashMap<>();

    /** Nodes in passthrough that are not open, the longest closed first. */
    @GuardedBy("this")
    private final LinkedHashMap<Long, Mode> idle = new LinkedHashMap<>();

    /** Changes of data that have come to an end, or may begin by now. */
    @GuardedBy("this")
    private long changes;

    @GuardedBy("this")
    private int changesUnderWay;

    synchronized int open(long node, Opened opened, int flags, Contents contents) {
      if (OpenFlags.writes(flags) || (flags & OpenFlags.O_TRUNC) != 0) {
        changes++;
      }
      Mode mode = open.get(node);
      int answer = mode == null ? start(node, opened, contents) : join(node, mode, opened);
      if (answer == MOVED) {
        return MOVED;
      }
      boolean quiet = mode == null && changesUnderWay == 0 && contents.moment() == changes;
      if (quiet && answer == CACHED) {
        contents.cache();
      }
      Mode now = mode == null ? open.get(node) : mode;
      now.opens++;
      if (answer > 0 && mayMap(flags)) {
        changing.add(node, 1);
      }
      return answer;
    }

    synchronized long quietMoment(long node) {
      boolean quiet = changesUnderWay == 0 && !open.containsKey(node) && !idle.containsKey(node);
      return quiet ? changes : NEVER;
    }

    synchronized void beginChange() {
      changesUnderWay++;
    }

    synchronized void endChange() {
      changesUnderWay--;
      changes++;
    }

    @GuardedBy("this")
    private int join(long node, Mode mode, Opened opened) {
      if (mode.replaced) {
        return MOVED;
      }
      if (mode.backing > 0 && !mode.settled && (opened.settled || isMoving(opened))) {
        mode.replaced = true;
        changing.add(node, 1);
        return MOVED;
      }
      return mode.backing;
    }

    @GuardedBy("this")
    private int start(long node, Opened opened, Contents contents) {
      Mode mode = idle.remove(node);
      if (mode != null && mode.replaced) {
        idle.put(node, mode);
        return MOVED;
      }
      if (mode != null && mode.settled == opened.settled && !isMoving(opened)) {
        open.put(node, mode);
        return mode.backing;
      }
      if (mode != null) {
        backings.close(mode.backing);
      }
      Mode fresh = new Mode();
      int answer = wantsPassthrough(opened, contents) ? register(opened.descriptor) : CACHED;
      fresh.backing = Math.max(answer, CACHED);
      fresh.settled = opened.settled;
      open.put(node, fresh);
      return answer;
    }

    synchronized void released(long node) {
      Mode mode = open.get(node);
      if (mode == null || --mode.opens > 0) {
        return;
      }
      open.remove(node);
      if (mode.backing == CACHED) {
        return;
      }
      idle.put(node, mode);
      forgotten(node);
      evict();
    }

    @GuardedBy("this")
    private void evict() {
      if (idle.size() <= IDLE_PER_STRIPE) {
        return;
      }
      Iterator<Mode> longestClosed = idle.values().iterator();
      while (longestClosed.hasNext()) {
        Mode mode = longestClosed.next();
        // A replaced one stays until it is forgotten: its id must not be opened again.
        if (!mode.replaced) {
          backings.close(mode.backing);
          longestClosed.remove();
          return;
        }
      }
    }

    synchronized void forgotten(long node) {
      if (isHeld.test(node) || open.containsKey(node)) {
        return;
      }
      changing.subtract(node, Long.MAX_VALUE);
      Mode mode = idle.remove(node);
      if (mode != null) {
        backings.close(mode.backing);
      }
    }
  }
}
