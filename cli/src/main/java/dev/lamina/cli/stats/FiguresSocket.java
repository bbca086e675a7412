package dev.lamina.cli.stats;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where the socket of a mount is: {@code mount-MINOR.PID-N.sock} in the runtime directory, by the
 * device number of the mount, which is in the mount table of every namespace that has the mount,
 * and the number by which {@code /sys/fs/fuse/connections} knows it. It is used again after an
 * unmount, so that whoever has it knows of all other sockets of that number that nobody needs them.
 */
final class FiguresSocket {
  private static final String PREFIX = "mount-";
  private static final String SUFFIX = ".sock";
  private static final String UNHEARD = ".new";
  private static final AtomicInteger COUNT = new AtomicInteger();

  private FiguresSocket() {}

  /** A name that no other socket has. */
  static Path fresh(Path directory, String device) {
    long pid = ProcessHandle.current().pid();
    String name =
        PREFIX
            + minor(device)
            + "."
            + Long.toString(pid)
            + "-"
            + Integer.toString(COUNT.incrementAndGet())
            + SUFFIX;
    return directory.resolve(name);
  }

  /** What {@code socket} is called until somebody listens to it. */
  static Path unheard(Path socket) {
    String name = socket.getFileName().toString();
    return socket.resolveSibling(
        name.substring(0, name.length() - SUFFIX.length()).concat(UNHEARD));
  }

  /** "0:57" is 57: a filesystem without a disk has major number 0. */
  private static String minor(String device) {
    return device.substring(device.indexOf(':') + 1);
  }

  /** Those of one mount; more than one if servers died. */
  static List<Path> of(Path directory, String device) throws IOException {
    return matching(directory, PREFIX + minor(device) + ".*" + SUFFIX);
  }

  /** Those of one mount, and what servers left that died before anybody could connect. */
  static List<Path> remains(Path directory, String device) throws IOException {
    return matching(directory, PREFIX + minor(device) + ".*");
  }

  /** Those of all mounts. */
  static List<Path> all(Path directory) throws IOException {
    return matching(directory, PREFIX + "*" + SUFFIX);
  }

  private static List<Path> matching(Path directory, String glob) throws IOException {
    List<Path> sockets = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, glob)) {
        found.forEach(sockets::add);
      }
    }
    return sockets;
  }
}
