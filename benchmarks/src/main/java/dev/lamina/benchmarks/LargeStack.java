package dev.lamina.benchmarks;

import dev.lamina.linux.At;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * As many layers as kernel overlayfs takes; a directory of 200,000 entries that ten of them share;
 * a tree of a million files in one.
 */
final class LargeStack {
  private static final int LAYERS = 500;
  private static final int WIDE_LAYERS = 10;
  private static final int WIDE_ENTRIES = 20_000;
  private static final int DEEP_DIRECTORIES = 10_000;
  private static final int DEEP_FILES = 100;

  private LargeStack() {}

  static Suite make(Path directory, Scale scale) throws IOException {
    List<Path> layers = new ArrayList<>();
    for (int i = 0; i < LAYERS; i++) {
      Path layer = Files.createDirectories(directory.resolve(Integer.toString(i)));
      Files.writeString(layer.resolve("of-" + i), "layer " + i);
      Files.createDirectory(layer.resolve("shared"));
      layers.add(layer);
    }
    for (int i = 0; i < WIDE_LAYERS; i++) {
      Path wide = Files.createDirectory(layers.get(i * LAYERS / WIDE_LAYERS).resolve("wide"));
      makeFiles(wide, "entry-" + i + "-", scale.count(WIDE_ENTRIES));
    }
    Path deep = Files.createDirectory(layers.get(LAYERS - 1).resolve("deep"));
    for (int i = 0; i < scale.count(DEEP_DIRECTORIES); i++) {
      makeFiles(Files.createDirectory(deep.resolve("d" + i)), "f", DEEP_FILES);
    }
    return Suite.of(layers, workloads(scale));
  }

  private static void makeFiles(Path in, String prefix, int count) throws IOException {
    int fd = Scratch.open(in);
    try {
      int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
      for (int i = 0; i < count; i++) {
        Fd.close(At.open(fd, Name.of(prefix + i), flags, 0644));
      }
    } finally {
      Fd.close(fd);
    }
  }

  private static List<Workload> workloads(Scale scale) {
    int entries = WIDE_LAYERS * scale.count(WIDE_ENTRIES);
    int files = scale.count(DEEP_DIRECTORIES) * DEEP_FILES;
    Workload.Step list = tree -> Programs.sh("ls -f \"$1/wide\"", tree.root());
    Workload.Step walk = tree -> Programs.sh("find \"$1/deep\" -size +0", tree.root());
    return List.of(
        Workload.timed("list " + entries + " entries, first", list),
        Workload.timed("list " + entries + " entries, again", list),
        Workload.timed(
            "stat " + entries + " entries, first",
            tree -> Programs.sh("find \"$1/wide\" -size +0", tree.root())),
        Workload.timed("walk " + files + " files, first", walk),
        new Workload("memory of kernel and server (MiB)", tree -> {}, MountedTree::memory),
        Workload.timed("walk " + files + " files, again", walk),
        Workload.timed(
            "read a file of each layer",
            tree -> Programs.sh("cat \"$1\"/of-* >/dev/null", tree.root())),
        Workload.timed(
            "remove " + entries + " entries",
            tree -> Programs.sh("rm -r \"$1/wide\"", tree.root())));
  }
}
