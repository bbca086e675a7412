package dev.lamina.overlay;

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a request of each kind leaves for the garbage collector: nothing, where it makes no node and
 * opens no file. Without the just-in-time compiler's help, which comes when it likes.
 */
final class AllocationTest {
  private static final int REQUESTS = 2000;

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

  private static long bytesPerRequest(Request request) throws ErrnoException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 4; round++) {
      long before = threads.getThreadAllocatedBytes(thread);
      for (int i = 0; i < REQUESTS; i++) {
        request.run();
      }
      least = Math.min(least, (threads.getThreadAllocatedBytes(thread) - before) / REQUESTS);
    }
    return least;
  }

  private void measure(String what, Request request) throws ErrnoException {
    System.out.println(what + ": " + bytesPerRequest(request));
  }

  @Test
  void all() throws Exception {
    measure(
        "lookup upper",
        () -> {
          inodes.lookup(1, upperName, entry);
          inodes.forget(entry.node, 1);
        });
    measure(
        "lookup lower",
        () -> {
          inodes.lookup(1, lowerName, entry);
          inodes.forget(entry.node, 1);
        });
    measure("lookup absent", () -> inodes.lookup(1, absent, entry));
    measure("getattr upper", () -> inodes.getattr(upper, stat));
    measure("getattr lower", () -> inodes.getattr(lower, stat));
    measure("getattr root", () -> inodes.getattr(1, stat));
    measure(
        "open upper",
        () -> {
          inodes.open(caller, upper, OpenFlags.O_RDONLY, opened);
          inodes.release(opened.handle);
        });
    measure(
        "open lower",
        () -> {
          inodes.open(caller, lower, OpenFlags.O_RDONLY, opened);
          inodes.release(opened.handle);
        });
    measure(
        "open w",
        () -> {
          inodes.open(caller, upper, OpenFlags.O_WRONLY, opened);
          inodes.release(opened.handle);
        });
    inodes.open(caller, upper, OpenFlags.O_RDWR, opened);
    long h = opened.handle;
    measure("read", () -> inodes.read(h, memory, 0, 4096, 0));
    measure("write", () -> inodes.write(h, memory, 0, 4096, 0));
    DirectorySink sink =
        new DirectorySink() {
          @Override
          public boolean fits(int n) {
            return true;
          }

          @Override
          public void accept(
              byte[] names, int from, int length, long ino, int type, long next, Entry found) {
            if (found != null) inodes.forget(found.node, 1);
          }
        };
    measure("readdir", () -> inodes.readdir(1, 0, false, sink));
    measure("readdirplus", () -> inodes.readdir(1, 0, true, sink));
    Name user = Name.of("user.x");
    measure("getxattr", () -> inodes.getxattr(upper, user, memory, 0, 100));
    measure("getxattr lower", () -> inodes.getxattr(lower, user, memory, 0, 100));
    Name fresh = Name.of("fresh");
    measure(
        "create unlink",
        () -> {
          inodes.create(caller, 1, fresh, 0644, OpenFlags.O_RDWR, entry, opened);
          inodes.release(opened.handle);
          inodes.unlink(caller, 1, fresh);
          inodes.forget(entry.node, 1);
        });
    measure(
        "mkdir rmdir",
        () -> {
          inodes.mkdir(caller, 1, fresh, 0755, entry);
          inodes.rmdir(caller, 1, fresh);
          inodes.forget(entry.node, 1);
        });
  }
}
