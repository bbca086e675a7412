package dev.lamina.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's switch for FUSE over io_uring, a parameter of its {@code fuse} module. It counts at
 * the moment of mounting, and is off unless somebody has set it.
 */
final class IoUringSwitch {
  private static final Logger log = LoggerFactory.getLogger(IoUringSwitch.class);

  private static final Path PARAMETER = Path.of("/sys/module/fuse/parameters/enable_uring");

  private static final AtomicBoolean toldOfTheGain = new AtomicBoolean();

  private IoUringSwitch() {}

  /** Before mounting: whether to ask the kernel for io_uring. */
  static boolean prepare(IoUringMode mode) {
    if (mode == IoUringMode.ON && isOff()) {
      try {
        Files.writeString(PARAMETER, "Y");
      } catch (IOException e) {
        log.warn("io_uring cannot be switched on: {}", e.toString());
      }
    }
    return mode != IoUringMode.OFF;
  }

  /** After mounting: one line where requests go through the device and need not. */
  static void explain(IoUringMode mode, boolean overIoUring) {
    if (overIoUring || mode == IoUringMode.OFF) {
      return;
    }
    if (mode == IoUringMode.ON) {
      log.warn("no FUSE over io_uring here (Linux 6.14 has it): requests go through /dev/fuse");
    } else if (isOff() && toldOfTheGain.compareAndSet(false, true)) {
      log.info("{}=Y, or io_uring=on as root, would make short requests faster", PARAMETER);
    }
  }

  private static boolean isOff() {
    try {
      return Files.readString(PARAMETER).startsWith("N");
    } catch (IOException e) {
      // A kernel without it, or no right to know: nothing that could be switched on.
      return false;
    }
  }
}
