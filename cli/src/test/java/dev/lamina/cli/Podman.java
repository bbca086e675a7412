package dev.lamina.cli;

import dev.lamina.docs.Snippet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * podman and buildah as docs/runtimes.md configures them, on storage of their own, whose overlays a
 * program of our choice mounts.
 */
final class Podman {
  private static final String FUNCTIONS =
      """
      export CONTAINERS_STORAGE_CONF="$1"
      podman() { command podman --runtime runc --cgroup-manager cgroupfs "$@"; }
      # No limits that a host may not let us raise, and no network to be had.
      run() { podman run --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 --network=none "$@"; }
      """;

  private final Path configuration;

  private Podman(Path configuration) {
    this.configuration = configuration;
  }

  /** Keeps everything below {@code directory}, whose path is short. */
  static Podman on(Path directory, Path mountProgram) throws IOException {
    Files.createDirectories(directory);
    return new Podman(
        Files.writeString(
            directory.resolve("storage.conf"),
            Snippet.STORAGE_CONF
                .text()
                .replace("/opt/lamina/fuse-lamina", mountProgram.toString())
                .replace(
                    "[storage]\n",
                    "[storage]\ngraphroot = \"%1$s/root\"\nrunroot = \"%1$s/run\"\n"
                        .formatted(directory))));
  }

  /** Runs a shell script with the functions podman and run; its arguments are $2, $3 and so on. */
  CommandResult sh(String script, Object... arguments) throws Exception {
    Object[] all = new Object[arguments.length + 1];
    all[0] = configuration;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return Launcher.sh(FUNCTIONS + script, all);
  }
}
