package dev.lamina.cli;

import com.google.common.collect.ImmutableList;
import dev.lamina.snapshot.SnapshotException;
import dev.lamina.snapshot.SnapshotOptions;
import dev.lamina.snapshot.Snapshots;
import dev.lamina.snapshot.grpc.SnapshotServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server of {@link SnapshotterCommand}, apart: gRPC is loaded by nobody who does not run it.
 */
final class SnapshotterServer {
  private static final Logger log = LoggerFactory.getLogger(SnapshotterServer.class);

  private SnapshotterServer() {}

  /** Serves until this thread is interrupted. */
  static void run(
      Path root,
      Path address,
      String mountProgram,
      ImmutableList<String> mountOptions,
      boolean upperLabel)
      throws IOException, CommandFailure {
    SnapshotOptions options = new SnapshotOptions(mountProgram, mountOptions, upperLabel);
    try (Snapshots snapshots = Snapshots.open(root, options);
        SnapshotServer server = SnapshotServer.start(snapshots, address)) {
      log.info("serving snapshots of {} on {}, mounted by {}", root, address, mountProgram);
      Readiness.fromEnvironment().report(Optional.empty());
      server.awaitEnd();
    } catch (SnapshotException e) {
      throw new CommandFailure(ExitStatus.FAILED, e.getMessage());
    } catch (InterruptedException e) {
      // Told to end: mounts are processes of their own, and stay.
      log.info("ending");
      Thread.currentThread().interrupt();
    }
  }
}
