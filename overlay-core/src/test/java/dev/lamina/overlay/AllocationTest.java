package dev.lamina.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a request of each kind leaves for the garbage collector once its code is compiled: nothing,
 * where it makes no node, opens no file and begins no listing.
 */
final class AllocationTest {
  private static final int REQUESTS = 1000;

  /** The compiler's threads may have to wait for a processor for long. */
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

  /** Bytes that an open file may take. */
  private static final long HANDLE = 96;

  /** A request of the seam. */
  private interface Request {
    void run() throws ErrnoException;
  }

  @TempDir Path directory;

  private final Caller caller = Caller.self();
  private final Entry entry = new Entry();
  private final Opened opened = new Opened();
  private final Stat stat = new Stat();
  private final NativeMemory memory = NativeMemory.allocate(4096);
  private final Name upperName = Name.of("upper-file");
  private final Name lowerName = Name.of("lower-file");
  private final Name absent = Name.of("absent");
  private final Name absentToo = Name.of("absent-too");
  private final Sink sink = new Sink();
  private Overlay overlay;
  private InodeFileSystem inodes;
  private long upper;
  private long lower;

  @BeforeEach
  void open() throws IOException {
    Stack stack = new Stack(directory);
    for (int i = 0; i < 3; i++) {
      stack.lower();
    }
    Path layer = stack.lower();
    Files.write(layer.resolve("lower-file"), new byte[4096]);
    overlay = stack.open();
    inodes = overlay.inodes();
    overlay.paths().create("upper-file", 0644);
    overlay.paths().write("upper-file", new byte[4096]);
    inodes.lookup(InodeFileSystem.ROOT, upperName, entry);
    upper = entry.node;
    inodes.lookup(InodeFileSystem.ROOT, lowerName, entry);
    lower = entry.node;
  }

  @AfterEach
  void close() throws IOException {
    overlay.close();
  }

  /**
   * The least of many rounds, as the just-in-time compiler is not done at once.
   *
   * @param enough what satisfies, so that it stops
   */
  private static long bytesPerRequest(long enough, Request request) throws ErrnoException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long least = Long.MAX_VALUE;
    long end = System.nanoTime() + PATIENCE;
    while (least > enough && System.nanoTime() < end) {
      long before = threads.getThreadAllocatedBytes(thread);
      for (int i = 0; i < REQUESTS; i++) {
        request.run();
      }
      least = Math.min(least, (threads.getThreadAllocatedBytes(thread) - before) / REQUESTS);
    }
    return least;
  }

  private static void requireNothing(String what, Request request) throws ErrnoException {
    assertThat(bytesPerRequest(0, request)).as("bytes per " + what).isZero();
  }

  @Test
  void lookupsOfKnownAndAbsentNames_allocateNothing() throws Exception {
    requireNothing("lookup of an upper file", () -> lookup(upperName));
    requireNothing("lookup of a lower file", () -> lookup(lowerName));
    requireNothing("lookup of an absent name", () -> lookup(absent));
    requireNothing(
        "lookup of two absent names",
        () -> {
          lookup(absent);
          lookup(absentToo);
        });
  }

  private void lookup(Name name) throws ErrnoException {
    if (inodes.lookup(InodeFileSystem.ROOT, name, entry)) {
      inodes.forget(entry.node, 1);
    }
  }

  @Test
  void attributes_allocateNothing() throws Exception {
    requireNothing("getattr of an upper file", () -> inodes.getattr(upper, stat));
    requireNothing("getattr of a lower file", () -> inodes.getattr(lower, stat));
    requireNothing("getattr of a directory", () -> inodes.getattr(InodeFileSystem.ROOT, stat));
  }

  @Test
  void readsAndWrites_allocateNothing() throws Exception {
    inodes.open(caller, upper, OpenFlags.O_RDWR, opened);
    long handle = opened.handle;
    requireNothing("read", () -> inodes.read(handle, memory, 0, 4096, 0));
    requireNothing("write", () -> inodes.write(handle, memory, 0, 4096, 0));
    inodes.release(handle);
  }

  @Test
  void open_allocatesTheHandleAlone() throws Exception {
    for (long node : new long[] {upper, lower}) {
      long bytes =
          bytesPerRequest(
              HANDLE,
              () -> {
                inodes.open(caller, node, OpenFlags.O_RDONLY, opened);
                inodes.release(opened.handle);
              });
      assertThat(bytes).isLessThanOrEqualTo(HANDLE);
    }
  }

  @Test
  void listingThatGoesOn_allocatesNothing() throws Exception {
    inodes.readdir(InodeFileSystem.ROOT, 0, false, sink);
    assertThat(sink.count).isPositive();
    // From there on an entry is left: a reader who has seen all of it gives the listing up.
    long last = sink.last;
    requireNothing(
        "rest of a listing", () -> inodes.readdir(InodeFileSystem.ROOT, last, false, sink));
  }

  /** Takes everything and keeps nothing. */
  private static final class Sink implements DirectorySink {
    private int count;
    private long next;
    private long last;

    @Override
    public boolean fits(int nameLength) {
      return true;
    }

    @Override
    public void accept(
        byte[] names, int from, int length, long ino, int type, long nextOffset, Entry found) {
      count++;
      last = next;
      next = nextOffset;
    }
  }
}
