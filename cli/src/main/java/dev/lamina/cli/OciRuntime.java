package dev.lamina.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program that runs bundles: runc, crun or another with their command line. */
final class OciRuntime {
  private static final List<String> USUAL = List.of("runc", "crun");
  private static final int PATIENCE_SECONDS = 10;

  private final String program;

  private OciRuntime(String program) {
    this.program = program;
  }

  /** The one that the user {@code named}, or where that is null the first that is installed. */
  static OciRuntime find(Invocation invocation, String named) throws CommandFailure {
    if (named != null) {
      return new OciRuntime(
          locate(invocation, named)
              .orElseThrow(
                  () ->
                      new CommandFailure(
                          ExitStatus.FAILED, "no OCI runtime " + named + ": no such program")));
    }
    for (String name : USUAL) {
      Optional<String> program = locate(invocation, name);
      if (program.isPresent()) {
        return new OciRuntime(program.get());
      }
    }
    throw new CommandFailure(
        ExitStatus.FAILED, "neither runc nor crun is in PATH: install Debian's package runc");
  }

  /** As a shell finds a program: in PATH, unless its name is a path. */
  private static Optional<String> locate(Invocation invocation, String name) {
    String path =
        name.contains("/")
            ? ""
            : invocation.variable("PATH").orElse("/usr/sbin:/usr/bin:/sbin:/bin");
    return Stream.of(path.split(File.pathSeparator))
        .map(directory -> invocation.path(Path.of(directory, name)))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .map(Path::toString)
        .findFirst();
  }

  /**
   * Runs the bundle to its end, with our output; the status of its process. Interrupted, it tells
   * the container to end, and then kills it.
   *
   * @param input whether the process has our standard input
   * @throws IOException where the program cannot be started, in words
   */
  int run(Path bundle, String container, boolean input) throws IOException {
    String id = "lamina-" + container;
    ProcessBuilder builder =
        new ProcessBuilder(program, "run", "--bundle", bundle.toString(), id).inheritIO();
    if (!input) {
      builder.redirectInput(new File("/dev/null"));
    }
    Process process = start(builder);
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      // The runtime passes it on.
      process.destroy();
      end(process, id);
      Thread.currentThread().interrupt();
      return ExitStatus.FAILED;
    }
  }

  private Process start(ProcessBuilder builder) throws IOException {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IOException("cannot run " + program + ": " + reason(e.getMessage()), e);
    }
  }

  /**
   * The JDK's message ends with "error=13, Permission denied" or "error: 13 (Permission denied) ".
   */
  private static String reason(String message) {
    return message.replaceFirst("(?s).*error[=:] ?[0-9]+,? \\(?([^()]*)\\)? *$", "$1");
  }

  private void end(Process process, String id) throws IOException {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        new ProcessBuilder(program, "delete", "--force", id).inheritIO().start().waitFor();
        process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
    }
  }
}
