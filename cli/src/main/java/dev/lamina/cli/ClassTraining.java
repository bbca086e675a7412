package dev.lamina.cli;

import dev.lamina.cli.log.LogFile;
import dev.lamina.cli.log.LogLines;
import dev.lamina.fuse.FuseMount;
import dev.lamina.image.OciLayoutWriter;
import dev.lamina.image.Platform;
import dev.lamina.layer.LayerWriter;
import dev.lamina.linux.Bindings;
import dev.lamina.linux.MountTable;
import dev.lamina.linux.WorkingDirectory;
import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs once after a build, for the class-data-sharing archive: does what an unpack and a mount do,
 * by the same command lines, so that later starts find its classes parsed. What cannot be done here
 * (no FUSE, no rights) is left out; the archive is then a little smaller.
 */
final class ClassTraining {
  private static final int PATIENCE_MILLIS = 10_000;
  private static final int LOOK_EVERY_MILLIS = 20;

  private ClassTraining() {}

  public static void main(String[] args) throws Exception {
    Bindings.prepare();
    Path scratch = Files.createTempDirectory("lamina-training").toRealPath();
    try {
      unpack(scratch);
      mount(scratch);
    } finally {
      try (Stream<Path> tree = Files.walk(scratch)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  private static void unpack(Path scratch) throws IOException {
    Path content = Files.writeString(scratch.resolve("content"), "content");
    Path layout = scratch.resolve("image");
    Instant now = Instant.now();
    new OciLayoutWriter(layout, now)
        .layer(new LayerWriter(now).file("directory/file", content).symlink("link", "file"), "one")
        .layer(new LayerWriter(now).whiteout("directory/file").directory("new", 0755), "two")
        .finish("training", Platform.host(), Map.of());
    String root = scratch.resolve("root").toString();
    run("unpack", "--root", root, "oci:" + layout + ":training");
    run("images", "--root", root);
  }

  private static void run(String... words) {
    Subcommands.line(new Lamina(), words).execute(words);
  }

  private static void mount(Path scratch) throws IOException, InterruptedException {
    Path lower = Files.createDirectories(scratch.resolve("lower/directory"));
    Files.writeString(lower.resolve("file"), "content");
    try (RandomAccessFile large = new RandomAccessFile(lower.resolve("large").toFile(), "rw")) {
      large.setLength(2L * OverlayOptions.PARTIAL_FROM);
    }
    Path mountPoint = Files.createDirectory(scratch.resolve("merged"));
    String layers =
        "lowerdir="
            + lower.getParent()
            + ",upperdir="
            + Files.createDirectory(scratch.resolve("upper"))
            + ",workdir="
            + Files.createDirectory(scratch.resolve("work"));
    // What a server has that lets its caller go.
    try (OutputStream log = new LogLines(LogFile.unbounded(scratch.resolve("log")), "training")) {
      log.flush();
    }
    WorkingDirectory.leave();
    Thread user = new Thread(() -> use(mountPoint));
    user.start();
    CommandLines.run(
        CommandLines.of(new FuseLamina().spec()),
        new String[] {"-o", layers, mountPoint.toString()});
    user.interrupt();
    user.join();
  }

  /** One change of each kind. */
  private static void change(Path mountPoint) throws IOException {
    Path file = mountPoint.resolve("directory/file");
    Files.writeString(file, Files.readString(file) + " changed");
    Files.createLink(mountPoint.resolve("link"), file);
    Files.createSymbolicLink(mountPoint.resolve("symlink"), Path.of("link"));
    Files.readSymbolicLink(mountPoint.resolve("symlink"));
    Files.setLastModifiedTime(file, FileTime.fromMillis(0));
    Files.delete(file);
    try (RandomAccessFile large =
        new RandomAccessFile(mountPoint.resolve("directory/large").toFile(), "rw")) {
      large.write(1);
      large.getFD().sync();
    }
    Path moved = Files.move(mountPoint.resolve("directory"), mountPoint.resolve("moved"));
    Files.createDirectory(moved.resolve("new"));
    Files.delete(moved.resolve("new"));
  }

  private static void use(Path mountPoint) {
    try {
      for (int i = 0; MountTable.at(mountPoint).isEmpty(); i += LOOK_EVERY_MILLIS) {
        if (i > PATIENCE_MILLIS) {
          return;
        }
        Thread.sleep(LOOK_EVERY_MILLIS);
      }
      // Listing waits until the mount serves.
      try (Stream<Path> tree = Files.walk(mountPoint)) {
        tree.forEach(path -> {});
      }
      change(mountPoint);
      Thread.sleep(LOOK_EVERY_MILLIS);
      FuseMount.unmount(mountPoint, true);
    } catch (IOException e) {
      System.err.println("no mount for training: " + e.getMessage());
    } catch (InterruptedException e) {
      // The command has ended: it could not mount.
      Thread.currentThread().interrupt();
    }
  }
}
