package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class ServersTest {
  @Test
  void isRunning_thisProcess_is() {
    assertThat(Servers.isRunning(ProcessHandle.current().pid())).isTrue();
  }

  @Test
  void isRunning_nobody_isNot() {
    assertThat(Servers.isRunning(0)).isFalse();
    assertThat(Servers.isRunning(Long.MAX_VALUE)).isFalse();
  }

  @Test
  void isRunning_zombie_isNot() throws Exception {
    // A shell that never waits for its child: exec keeps the child, not the wait.
    Process parent = new ProcessBuilder("sh", "-c", "sleep 250 & echo $!; exec sleep 251").start();
    try (BufferedReader out = parent.inputReader()) {
      long zombie = Long.parseLong(out.readLine());
      Path command = Path.of("/proc", Long.toString(parent.pid()), "cmdline");
      StateDirectory.await("exec", () -> Files.readString(command).startsWith("sleep\0" + "251"));
      ProcessHandle.of(zombie).orElseThrow().destroyForcibly();
      StateDirectory.await("its end", () -> !Servers.isRunning(zombie));
      assertThat(ProcessHandle.of(zombie)).as("still in the process table").isPresent();
    } finally {
      parent.destroyForcibly().waitFor();
    }
  }

  /** As that of a killed server: files are closed, and locks released, when the last one ends. */
  @Test
  void isRunning_zombieWithAThreadThatRuns_is() throws Exception {
    assumeTrue(Launcher.hasProgram("python3"), "no python3");
    String program =
        """
        import ctypes, sys, threading
        threading.Thread(target=sys.stdin.read).start()
        ctypes.CDLL(None).pthread_exit(None)
        """;
    Process process = new ProcessBuilder("python3", "-c", program).start();
    try {
      Path stat = Path.of("/proc", Long.toString(process.pid()), "stat");
      StateDirectory.await("its first thread's end", () -> Files.readString(stat).contains(") Z "));
      assertThat(Servers.isRunning(process.pid())).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(Servers.isRunning(process.pid())).isFalse();
  }
}
