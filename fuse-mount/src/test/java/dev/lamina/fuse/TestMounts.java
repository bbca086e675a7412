package dev.lamina.fuse;

import dev.lamina.fixtures.ops.Op;
import dev.lamina.overlay.InodeFileSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/**
 * How the mounts of these tests get their requests: the build runs them once through {@code
 * /dev/fuse}, once over io_uring, where {@link #IO_URING} is on, and once through libfuse 2, where
 * {@link #TRANSPORT_PROPERTY} says so.
 */
final class TestMounts {
  /** The system property that says so. */
  static final String IO_URING = "lamina.test.io-uring";

  static final IoUringMode MODE = IoUringMode.valueOf(System.getProperty(IO_URING, "OFF"));

  /** The system property that names the transport. */
  static final String TRANSPORT_PROPERTY = "lamina.test.transport";

  static final Transport TRANSPORT =
      Transport.valueOf(System.getProperty(TRANSPORT_PROPERTY, "KERNEL"));

  /** Neither over io_uring nor through libfuse. */
  static final boolean OVER_DEV_FUSE = MODE == IoUringMode.OFF && TRANSPORT == Transport.KERNEL;

  private static final Path SWITCH = Path.of("/sys/module/fuse/parameters/enable_uring");

  private TestMounts() {}

  /** As {@link FuseMount#of}. */
  static FuseMountBuilder of(InodeFileSystem fileSystem) {
    return overIoUring(FuseMount.of(fileSystem).transport(TRANSPORT), MODE);
  }

  /** Whether mounts can do {@code op}: libfuse's protocol has no flags of rename. */
  static boolean can(Op op) {
    return TRANSPORT == Transport.KERNEL
        || !(op instanceof Op.Rename rename && rename.flags() != 0);
  }

  /** Skips the test where the kernel has no io_uring and the mode wants it. */
  static FuseMountBuilder overIoUring(FuseMountBuilder builder, IoUringMode mode) {
    if (mode != IoUringMode.OFF) {
      if (!Files.exists(SWITCH)) {
        throw new TestAbortedException("needs FUSE over io_uring, which Linux 6.14 has");
      }
      SwitchAsItWas.TOUCHED.run();
    }
    return builder.ioUring(mode);
  }

  /** Puts the host's switch back when the tests have ended. */
  private static final class SwitchAsItWas {
    static final Runnable TOUCHED = remember();

    private static Runnable remember() {
      try {
        String before = Files.readString(SWITCH);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> set(before)));
        return () -> {};
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void set(String value) {
      try {
        Files.writeString(SWITCH, value);
      } catch (IOException e) {
        System.err.println(SWITCH + " stays as it is: " + e);
      }
    }
  }
}
