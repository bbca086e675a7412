package dev.lamina.cli.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a daemon and its clients meet: files in a directory that only their user can enter, named
 * by the mount namespace, since the paths of a command line mean something in one alone.
 */
public final class Rendezvous {
  private static final Path NAMESPACE = Path.of("/proc/self/ns/mnt");

  private final Path directory;
  private final String name;

  private Rendezvous(Path directory, String name) {
    this.directory = directory;
    this.name = name;
  }

  /** For this process's namespace, in {@code directory}. */
  public static Rendezvous in(Path directory) throws IOException {
    // "mnt:[4026531841]"
    String link = Files.readSymbolicLink(NAMESPACE).toString();
    String number = link.substring(link.indexOf('[') + 1, link.length() - 1);
    return new Rendezvous(directory, "daemon-".concat(number));
  }

  /** Made by the first daemon, mode 0700. */
  public Path directory() {
    return directory;
  }

  /** What the daemon listens on. */
  public Path socket() {
    return directory.resolve(name.concat(".sock"));
  }

  /** Locked by the daemon as long as it lives (fcntl(2)); never removed. */
  public Path lock() {
    return directory.resolve(name.concat(".lock"));
  }

  /** What the daemon and its mounts have to tell once nobody waits for them. */
  public Path log() {
    return directory.resolve(name.concat(".log"));
  }
}
