package dev.lamina.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Other programs, run to their end. */
final class Programs {
  private Programs() {}

  /** Runs a command; its output is dropped unless it fails. */
  static void run(List<String> command) throws IOException, InterruptedException {
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
      if (status != 0) {
        String said = Files.readString(output, StandardCharsets.ISO_8859_1).strip();
        throw new IOException(command + " ended with " + status + ": " + said);
      }
    } finally {
      Files.delete(output);
    }
  }

  /** Runs a line of shell, with {@code args} as its {@code $1}, {@code $2}... */
  static void sh(String line, Object... args) throws IOException, InterruptedException {
    String[] command = new String[args.length + 4];
    command[0] = "sh";
    command[1] = "-ec";
    command[2] = line;
    command[3] = "sh";
    for (int i = 0; i < args.length; i++) {
      command[i + 4] = args[i].toString();
    }
    run(List.of(command));
  }

  /** Whether {@code program}, a path or a name, can be run. */
  static boolean isInstalled(String program) {
    if (program.contains("/")) {
      return Files.isExecutable(Path.of(program));
    }
    return Arrays.stream(System.getenv("PATH").split(":"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}
