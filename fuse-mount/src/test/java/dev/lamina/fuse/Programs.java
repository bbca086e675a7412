package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs programs that use a mount, or serve one, each for at most so long that only what hangs does
 * not end.
 */
final class Programs {
  private static final int LIMIT_SECONDS = 200;

  private Programs() {}

  /** Runs a shell script; what it printed. Fails unless it exits with 0. */
  static String sh(String script, Object... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("sh", "-ec", script, "sh"));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return run(command);
  }

  /** The command that runs a main class in a JVM of its own, with the class path of this one. */
  static List<String> java(Class<?> main, Object... arguments) {
    return java(System.getProperty("java.class.path"), main, arguments);
  }

  static List<String> java(String classPath, Class<?> main, Object... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "-D" + TestMounts.IO_URING + "=" + TestMounts.MODE,
                "-cp",
                classPath,
                main.getName()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return command;
  }

  static String run(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      // Output of these is short and fits the pipe.
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("%s ends", command).isTrue();
      String output = read(process);
      assertThat(process.exitValue()).as("%s: %s", command, output).isZero();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
