package dev.lamina.cli;

import dev.lamina.cli.daemon.Conversation;
import dev.lamina.cli.daemon.Daemon;
import dev.lamina.cli.daemon.Request;
import dev.lamina.cli.log.LogFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * From where a command was called, and what its caller waits for: this process was started for it,
 * or it came to the daemon, whose own directory and environment mean nothing then.
 */
final class Invocation {
  private final Path directory;
  private final Map<String, String> variables;
  private final Readiness readiness;
  private final Request request;
  private final Conversation conversation;

  private Invocation(
      Path directory,
      Map<String, String> variables,
      Readiness readiness,
      Request request,
      Conversation conversation) {
    this.directory = directory;
    this.variables = variables;
    this.readiness = readiness;
    this.request = request;
    this.conversation = conversation;
  }

  /** This process's own. */
  static Invocation ofProcess() {
    return new Invocation(
        Path.of("").toAbsolutePath(), System.getenv(), Readiness.fromEnvironment(), null, null);
  }

  /** One that came to the daemon. */
  static Invocation of(Request request, Conversation conversation) {
    Map<String, String> variables = new TreeMap<>();
    for (String variable : request.variables()) {
      int equals = variable.indexOf('=');
      variables.put(variable.substring(0, equals), variable.substring(equals + 1));
    }
    return new Invocation(Path.of(request.directory()), variables, null, request, conversation);
  }

  /** What {@code given} means in the caller's working directory; absolute. */
  Path path(Path given) {
    return directory.resolve(given);
  }

  /** A variable of the caller's environment, if it is set to anything. */
  Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
  }

  /** Whether other commands run in this process at the same time. */
  boolean isShared() {
    return conversation != null;
  }

  /** Whether this process is a server of its own that lets its caller go in the end. */
  boolean isDetached() {
    return !isShared() && readiness.isDetached();
  }

  /**
   * Lets the caller go: the mount is live.
   *
   * @param log where messages go from now on, in a process of its own; empty discards them
   * @throws IOException if he has gone already
   */
  void release(Path mountPoint, Optional<LogFile> log) throws IOException {
    if (isShared()) {
      System.out.flush();
      conversation.release(mountPoint.toString());
    } else {
      readiness.report(log, mountPoint.toString());
    }
  }

  /** Leaves the command to a process of its own; the exit status that tells the daemon. */
  int decline(String reason) {
    return Daemon.decline(request, reason);
  }
}
