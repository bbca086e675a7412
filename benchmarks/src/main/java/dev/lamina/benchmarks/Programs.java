package dev.lamina.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Other programs, run to their end. Any that is measured reads nothing and prints to no terminal.
 */
public final class Programs {
  private Programs() {}

  /** Runs a command; its output is dropped unless it fails. */
  public static void run(List<String> command) throws IOException, InterruptedException {
    read(command);
  }

  /** What a command prints, to either stream. */
  private static String read(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("lamina-bench", ".log");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .redirectOutput(output.toFile());
      // A mount that is measured has a process of its own, whatever runs on this host.
      builder.environment().put("LAMINA_DAEMON", "off");
      Process process = builder.start();
      int status = process.waitFor();
      String said = Files.readString(output, StandardCharsets.ISO_8859_1).strip();
      if (status != 0) {
        throw new IOException(command + " ended with " + status + ": " + said);
      }
      return said;
    } finally {
      Files.delete(output);
    }
  }

  /** Runs a line of shell, with {@code args} as its {@code $1}, {@code $2}... */
  public static void sh(String line, Object... args) throws IOException, InterruptedException {
    run(command(line, args));
  }

  /** As {@link #sh}; returns what it prints, to either stream. */
  public static String output(String line, Object... args)
      throws IOException, InterruptedException {
    return read(command(line, args));
  }

  private static List<String> command(String line, Object... args) {
    List<String> command = new ArrayList<>(List.of("sh", "-ec", line, "sh"));
    for (Object arg : args) {
      command.add(arg.toString());
    }
    return command;
  }

  /** Whether {@code program}, a path or a name, can be run. */
  public static boolean isInstalled(String program) {
    if (program.contains("/")) {
      return Files.isExecutable(Path.of(program));
    }
    return Arrays.stream(System.getenv("PATH").split(":"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}
