package dev.lamina.cli;

import dev.lamina.docs.Snippet;
import java.io.Closeable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Debian's containerd on directories and a socket of a test's own, with one proxy snapshotter. */
final class ContainerdProcess implements Closeable {
  private final Path directory;
  private final ChildProcess process;

  private ContainerdProcess(Path directory, ChildProcess process) {
    this.directory = directory;
    this.process = process;
  }

  /**
   * Starts it and waits until it answers.
   *
   * @param snapshotter the socket of what it calls "lamina"
   */
  static ContainerdProcess start(Path directory, Path snapshotter) throws Exception {
    Path configuration =
        Files.writeString(
            directory.resolve("config.toml"),
            """
            version = 2
            root = "%1$s/root"
            state = "%1$s/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            # What no image and no container has is the test's to remove: it collects when told to, or
            # when that would take less than this part of the time.
            [plugins."io.containerd.gc.v1.scheduler"]
              pause_threshold = 0.0000001
              deletion_threshold = 1000000
            [grpc]
              address = "%1$s/c.sock"
            """
                    .formatted(directory)
                + Snippet.PROXY_PLUGIN
                    .text()
                    .replace("/run/lamina-snapshotter/s.sock", snapshotter.toString()));
    ContainerdProcess containerd =
        new ContainerdProcess(
            directory,
            ChildProcess.start(
                List.of("containerd", "--config", configuration.toString(), "--log-level", "warn"),
                Map.of("LAMINA_RUNTIME_DIR", directory.resolve("run").toString())));
    StateDirectory.await("containerd answers", containerd::answers);
    return containerd;
  }

  private boolean answers() throws Exception {
    if (!process.isRunning()) {
      throw new AssertionError("containerd ended: " + process.await());
    }
    return ctr("version").status() == 0;
  }

  /** Runs a command of ctr(8) on it. */
  CommandResult ctr(Object... arguments) throws Exception {
    return startCtr(arguments).await();
  }

  ChildProcess startCtr(Object... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("ctr", "--address", directory.resolve("c.sock").toString()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return ChildProcess.start(command, Map.of());
  }

  /** Snapshots of Lamina's, by {@code ctr snapshots}. */
  CommandResult snapshots(Object... arguments) throws Exception {
    List<Object> all = new ArrayList<>(List.of("snapshots", "--snapshotter", "lamina"));
    all.addAll(List.of(arguments));
    return ctr(all.toArray());
  }

  @Override
  public void close() throws java.io.IOException {
    try {
      process.signal("TERM");
      process.await();
    } catch (Exception e) {
      throw new java.io.IOException(e);
    }
  }
}
