package dev.lamina.cli;

import dev.lamina.fuse.FuseMount;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Runs once after a build, for the class-data-sharing archive: loads the classes that a mount needs
 * by making one, so that later starts find them parsed. What cannot be done here (no FUSE, no
 * rights) is left out; the archive is then a little smaller.
 */
final class ClassTraining {
  private ClassTraining() {}

  public static void main(String[] args) throws IOException {
    Path scratch = Files.createTempDirectory("lamina-training");
    try {
      CommandLines.of(new Lamina()).execute("images", "--root", scratch.resolve("root").toString());
      CommandLines.of(new FuseLamina()).execute("-o", "lowerdir=", scratch.toString());
      mount(scratch);
    } finally {
      try (Stream<Path> tree = Files.walk(scratch)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  private static void mount(Path scratch) throws IOException {
    Path lower = Files.createDirectories(scratch.resolve("lower/directory"));
    Files.writeString(lower.resolve("file"), "content");
    OverlayOptions options =
        OverlayOptions.builder()
            .addLower(scratch.resolve("lower"))
            .writable(
                Files.createDirectory(scratch.resolve("upper")),
                Files.createDirectory(scratch.resolve("work")))
            .build();
    Path mountPoint = Files.createDirectory(scratch.resolve("merged"));
    try (Overlay overlay = Overlay.open(options);
        FuseMount mount = FuseMount.of(overlay.inodes()).on(mountPoint).mount()) {
      Path file = mount.mountPoint().resolve("directory/file");
      Files.writeString(file, Files.readString(file) + " changed");
      Files.delete(file);
      try (Stream<Path> tree = Files.walk(mount.mountPoint())) {
        tree.forEach(path -> {});
      }
    } catch (IOException e) {
      System.err.println("no mount for training: " + e.getMessage());
    }
  }
}
