package dev.lamina.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A program that runs for a limited time; its output is read to the end of both pipes. */
final class ChildProcess {
  /** For what hangs: many times what anything here takes, on a loaded machine too. */
  private static final Duration LIMIT = Duration.ofMinutes(4);

  private static final int SIGNAL_STATUS = 128;

  private final List<String> command;
  private final Process process;
  private final FutureTask<String> out;
  private final FutureTask<String> err;

  private ChildProcess(List<String> command, Process process) {
    this.command = command;
    this.process = process;
    this.out = reading(process.getInputStream());
    this.err = reading(process.getErrorStream());
  }

  /** Starts a program with standard input at its end and {@code environment} on top of ours. */
  static ChildProcess start(List<String> command, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("LAMINA_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    return new ChildProcess(command, process);
  }

  private static FutureTask<String> reading(InputStream stream) {
    FutureTask<String> reading =
        new FutureTask<>(() -> new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    Thread thread = new Thread(reading, "reader of a child's output");
    thread.setDaemon(true);
    thread.start();
    return reading;
  }

  long pid() {
    return process.pid();
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /** Sends a signal by name, such as {@code INT}. */
  void signal(String name) throws Exception {
    new ProcessBuilder("sh", "-c", "kill -s $0 $1", name, Long.toString(pid())).start().waitFor();
  }

  /**
   * Waits for the program's end and the end of both its streams. When either takes too long, the
   * program is killed with all that it started, and the test fails.
   */
  CommandResult await() throws Exception {
    return await(LIMIT);
  }

  /** As {@link #await()}, of a program that has more to do. */
  CommandResult await(Duration limit) throws Exception {
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(command + " did not end within " + limit);
      }
      long left = Math.max(TimeUnit.SECONDS.toNanos(5), deadline - System.nanoTime());
      return new CommandResult(
          command,
          process.exitValue(),
          out.get(left, TimeUnit.NANOSECONDS),
          err.get(left, TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      throw new AssertionError(command + " ended, but something holds its output open", e);
    } catch (ExecutionException e) {
      throw new AssertionError("reading the output of " + command, e);
    } finally {
      kill();
    }
  }

  /** Ends the program, if it still runs, and whatever it started. */
  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /** The exit status that a shell gives for a program ended by {@code signal}. */
  static int statusOfSignal(int signal) {
    return SIGNAL_STATUS + signal;
  }
}
