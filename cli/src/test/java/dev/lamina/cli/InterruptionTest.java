package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a process that is told to end ends with. */
@Timeout(300)
final class InterruptionTest {
  private static Process start(Class<?> program) throws Exception {
    return new ProcessBuilder(
            "env",
            "--default-signal=HUP,INT,TERM",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            program.getName())
        .redirectErrorStream(true)
        .start();
  }

  /** What the command returned after the signal must not be what the process ends with. */
  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
  void status_isTheSignals_howeverLateTheJvmEnds(String signal, int status) throws Exception {
    Process process = start(FailsWhenInterrupted.class);
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.readLine()).isEqualTo("begun");
      Launcher.sh("kill -s $1 $2", signal, process.pid()).succeeds();
      assertThat(out.lines()).isEmpty();
      assertThat(process.waitFor()).isEqualTo(status);
    } finally {
      process.destroyForcibly();
    }
  }

  /** A command that fails as soon as it is told to end, and a hook that is slower than it. */
  static final class FailsWhenInterrupted {
    private FailsWhenInterrupted() {}

    public static void main(String[] arguments) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> sleep(1000)));
      int status =
          Interruption.guard(
              () -> {
                System.out.print("begun\n");
                sleep(300_000);
                return ExitStatus.FAILED;
              });
      System.out.print("after it\n");
      Runtime.getRuntime().halt(status);
    }

    private static void sleep(long millis) {
      try {
        Thread.sleep(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void processThatEndsBeforeItBegins_endsQuietly() throws Exception {
    Process process = start(BeginsTooLate.class);
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.lines()).isEmpty();
      assertThat(process.waitFor()).isEqualTo(ExitStatus.NOT_FOUND);
    } finally {
      process.destroyForcibly();
    }
  }

  /** Its command is to begin when the JVM has begun to end. */
  static final class BeginsTooLate {
    private BeginsTooLate() {}

    public static void main(String[] arguments) {
      Thread late =
          new Thread(
              () ->
                  Interruption.guard(
                      () -> {
                        System.out.print("begun\n");
                        return ExitStatus.OK;
                      }));
      late.setDaemon(true);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    late.start();
                    while (late.isAlive() && late.getState() != Thread.State.WAITING) {
                      Thread.onSpinWait();
                    }
                  }));
      System.exit(ExitStatus.NOT_FOUND);
    }
  }
}
