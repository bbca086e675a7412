package dev.lamina.benchmarks.curve;

import com.google.common.collect.ImmutableList;
import dev.lamina.benchmarks.Programs;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A filesystem in a sparse file, to which nobody else writes: how much room it has less is what was
 * written.
 */
final class LoopFileSystem implements AutoCloseable {
  /** The kinds that are tried. */
  enum Kind {
    EXT4("ext4", "mkfs.ext4", "-q", "-F", "-m", "0"),
    XFS("xfs, shares blocks", "mkfs.xfs", "-q", "-m", "reflink=1"),
    BTRFS("btrfs, shares blocks", "mkfs.btrfs", "-q");

    private final String title;
    private final ImmutableList<String> command;

    Kind(String title, String... command) {
      this.title = title;
      this.command = ImmutableList.copyOf(command);
    }

    /** For people. */
    String title() {
      return title;
    }

    boolean isInstalled() {
      return Programs.isInstalled(command.get(0));
    }

    private void make(Path image) throws IOException, InterruptedException {
      Programs.sh("\"$@\"", args(image));
    }

    private Object[] args(Path image) {
      Object[] args = command.toArray(new Object[command.size() + 1]);
      args[command.size()] = image;
      return args;
    }
  }

  private final Path image;
  private final Path target;

  private LoopFileSystem(Path image, Path target) {
    this.image = image;
    this.target = target;
  }

  /** Makes and mounts one below {@code directory}, of {@code size} bytes. */
  static LoopFileSystem make(Kind kind, Path directory, long size)
      throws IOException, InterruptedException {
    Path image = directory.resolve("image");
    Path target = Files.createDirectory(directory.resolve("mounted"));
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(size);
    }
    kind.make(image);
    Programs.sh("mount -o loop \"$1\" \"$2\"", image, target);
    return new LoopFileSystem(image, target);
  }

  Path root() {
    return target;
  }

  /** Bytes that are in use, those that are still to be written out too. */
  long used() throws IOException {
    var store = Files.getFileStore(target);
    return store.getTotalSpace() - store.getUnallocatedSpace();
  }

  @Override
  public void close() throws IOException {
    try {
      Programs.sh("umount \"$1\" || { sleep 1; umount \"$1\"; }", target);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Files.delete(target);
    Files.delete(image);
  }
}
