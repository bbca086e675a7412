package dev.lamina.cli.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs that are asked, for a moment. */
final class Probes {
  private static final int SECONDS = 5;

  private Probes() {}

  /** Whether a program is there and ends well. */
  static boolean succeeds(List<String> command) {
    return run(command) != null;
  }

  /** What a program says first; empty where it is not there or fails. */
  static String firstLine(List<String> command) {
    String output = run(command);
    return output == null ? "" : output.lines().findFirst().orElse("").strip();
  }

  /** Null where it fails. What it says is little: it fits into the pipe. */
  private static String run(List<String> command) {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return null;
    }
    try {
      process.getOutputStream().close();
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        return null;
      }
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      process.destroyForcibly();
    }
  }
}
