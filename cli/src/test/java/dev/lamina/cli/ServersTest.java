package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
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
    // A shell whose child ends and that never waits for it: exec keeps the child, not the wait. The
    // child ends after the exec, else the shell may have taken note of it.
    Process parent = new ProcessBuilder("sh", "-c", "sleep 1 & echo $!; exec sleep 30").start();
    try (BufferedReader out = parent.inputReader()) {
      long zombie = Long.parseLong(out.readLine());
      while (Servers.isRunning(zombie)) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      assertThat(ProcessHandle.of(zombie)).as("still in the process table").isPresent();
    } finally {
      parent.destroyForcibly().waitFor();
    }
  }
}
