package dev.lamina.cli;

import dev.lamina.cli.daemon.Build;
import dev.lamina.cli.daemon.Daemon;
import dev.lamina.cli.daemon.Rendezvous;
import dev.lamina.cli.log.LogFile;
import dev.lamina.linux.ProcessLimits;
import dev.lamina.linux.UnixListener;
import dev.lamina.linux.WorkingDirectory;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code lamina daemon}: one server for the mounts that this user makes from now on. */
@Command(
    name = "daemon",
    mixinStandardHelpOptions = true,
    description = {
      "Start a server for many mounts; return when it takes calls.",
      "lamina mount, lamina umount and fuse-lamina use it while it runs."
    })
final class DaemonCommand implements Callable<Integer> {
  private static final Duration FOR_EVER = Duration.ofDays(36500);

  @ParentCommand private Lamina lamina;

  /** The launcher sees this option and does not detach the server. */
  @Option(names = "--foreground", description = "do not detach; log to standard error")
  private boolean foreground;

  @Option(
      names = "--idle",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "end after so long without a mount (default: ${DEFAULT-VALUE}; 0: never)")
  private int idleSeconds;

  @Override
  public Integer call() throws Exception {
    if (idleSeconds < 0) {
      throw new CommandFailure(ExitStatus.USAGE, "--idle cannot be negative");
    }
    Invocation invocation = lamina.invocation();
    Rendezvous rendezvous = Rendezvous.in(RuntimeDirectory.of(invocation));
    Optional<DaemonPlace> place = DaemonPlace.take(rendezvous);
    if (place.isEmpty()) {
      if (!startedOnDemand(invocation)) {
        System.err.println("lamina daemon: one runs already, see " + rendezvous.socket());
      }
      Readiness.fromEnvironment().report(Optional.empty());
      return ExitStatus.OK;
    }
    try (DaemonPlace taken = place.get()) {
      serve(taken);
    }
    return ExitStatus.OK;
  }

  /** By a client's launcher, to which it is all one who answers. */
  private static boolean startedOnDemand(Invocation invocation) {
    return invocation.variable("LAMINA_DAEMON").equals(Optional.of("on"));
  }

  private void serve(DaemonPlace place) throws IOException {
    ProcessLimits.raiseDescriptors();
    WorkingDirectory.leave();
    try (UnixListener listener = place.listen()) {
      LogFile log = LogFile.bounded(place.log());
      Daemon daemon = new Daemon(listener, Build.in(home()), new DaemonCalls(), place::close, log);
      daemon.start();
      try {
        Readiness.fromEnvironment().report(foreground ? Optional.empty() : Optional.of(log));
        daemon.awaitIdle(idleSeconds == 0 ? FOR_EVER : Duration.ofSeconds(idleSeconds));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        daemon.stop();
      }
    }
  }

  /** The directory of the jars: this class is in one of them. */
  private static Path home() throws IOException {
    try {
      Path jar =
          Path.of(DaemonCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return jar.getParent().getParent();
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }
}
