package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The daemons of a test's own runtime directory, looked at from outside. */
final class DaemonProcess {
  private final long pid;

  private DaemonProcess(long pid) {
    this.pid = pid;
  }

  /** Those that run, whether they take calls or not. */
  static List<DaemonProcess> of(Path runtime) throws IOException {
    List<DaemonProcess> daemons = new ArrayList<>();
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process : processes.toList()) {
        String name = process.getFileName().toString();
        if (name.matches("\\d+") && isDaemon(process, runtime)) {
          daemons.add(new DaemonProcess(Long.parseLong(name)));
        }
      }
    }
    return daemons;
  }

  /** The one daemon that must be there, once all that were started in vain have ended. */
  static DaemonProcess only(Path runtime) throws Exception {
    StateDirectory.await("one daemon", () -> of(runtime).size() <= 1);
    List<DaemonProcess> daemons = of(runtime);
    assertThat(daemons).as("daemons of %s", runtime).hasSize(1);
    return daemons.get(0);
  }

  private static boolean isDaemon(Path process, Path runtime) {
    try {
      return text(process.resolve("cmdline")).contains("\0dev.lamina.cli.Lamina\0daemon\0")
          && text(process.resolve("environ")).contains("\0LAMINA_RUNTIME_DIR=" + runtime + "\0")
          && Servers.isRunning(Long.parseLong(process.getFileName().toString()));
    } catch (IOException e) {
      return false;
    }
  }

  private static String text(Path file) throws IOException {
    return "\0" + new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  /** Ends all that are there, politely, then not. */
  static void endAll(Path runtime) throws Exception {
    for (String signal : List.of("TERM", "KILL")) {
      List<DaemonProcess> left = of(runtime);
      for (DaemonProcess daemon : left) {
        daemon.signal(signal);
      }
      long deadline = System.nanoTime() + 60_000_000_000L;
      while (left.stream().anyMatch(DaemonProcess::isRunning) && System.nanoTime() < deadline) {
        Thread.sleep(20);
      }
    }
  }

  long pid() {
    return pid;
  }

  boolean isRunning() {
    return Servers.isRunning(pid);
  }

  void signal(String name) throws Exception {
    Launcher.sh("kill -$1 $2 2>/dev/null || true", name, pid);
  }

  void awaitEnd() throws Exception {
    StateDirectory.await("the daemon's end", () -> !isRunning());
  }

  int threads() throws IOException {
    return entries("task");
  }

  int descriptors() throws IOException {
    return entries("fd");
  }

  private int entries(String directory) throws IOException {
    try (Stream<Path> entries = Files.list(Path.of("/proc", Long.toString(pid), directory))) {
      return (int) entries.count();
    }
  }

  /** Resident memory in KiB. */
  long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("no VmRSS");
  }
}
