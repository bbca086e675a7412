package dev.lamina.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Runs all workloads on all systems, in rounds: each round gives every system a fresh mount with an
 * empty upper over the same lowers, in an order that turns from round to round, so that what
 * changes on the host meanwhile hits all of them. The lowers are in the page cache before the first
 * round; what the filesystem holds back is written out before each workload.
 */
public final class Comparison {
  /** Told about what goes on; on the thread that runs. */
  public interface Progress {
    /** Data is made before anything is measured. */
    void preparing();

    /** {@code contender} is about to run {@code workload}, in a round counted from 1. */
    void running(int round, String contender, String workload);
  }

  private final Path directory;
  private final Scale scale;
  private final List<Path> image;
  private final List<Contender> contenders;
  private final int rounds;
  private final Progress progress;

  /**
   * A comparison to run.
   *
   * @param directory empty, for data, uppers and mounts; emptied in the end. What is measured is
   *     its filesystem, too
   * @param image layers to stack, topmost first; none where layers are to be made
   */
  public Comparison(
      Path directory,
      Scale scale,
      List<Path> image,
      List<Contender> contenders,
      int rounds,
      Progress progress) {
    this.directory = directory;
    this.scale = scale;
    this.image = List.copyOf(image);
    this.contenders = List.copyOf(contenders);
    this.rounds = rounds;
    this.progress = progress;
  }

  /**
   * Runs to the end, minutes.
   *
   * @throws IOException where a system cannot be mounted, or data not be made
   */
  public Results run() throws IOException, InterruptedException {
    try {
      progress.preparing();
      BenchmarkData data =
          BenchmarkData.make(Files.createDirectories(directory.resolve("data")), scale, image);
      warm(data);
      List<Workload> workloads = Workloads.of(data);
      Results results = new Results(contenders, workloads);
      for (int round = 1; round <= rounds; round++) {
        List<Contender> order = new ArrayList<>(contenders);
        Collections.rotate(order, round - 1);
        for (Contender contender : order) {
          run(round, contender, data, workloads, results);
        }
      }
      return results;
    } finally {
      Scratch.empty(directory);
    }
  }

  private static void warm(BenchmarkData data) throws IOException, InterruptedException {
    for (Path lower : data.lowers()) {
      Programs.sh("find \"$1\" -type f -print0 | xargs -0r cat >/dev/null", lower);
    }
  }

  private void run(
      int round, Contender contender, BenchmarkData data, List<Workload> workloads, Results results)
      throws IOException, InterruptedException {
    Path place = Scratch.directory(directory.resolve("round"));
    Stack stack =
        new Stack(
            data.lowers(),
            Files.createDirectory(place.resolve("upper")),
            Files.createDirectory(place.resolve("work")),
            Files.createDirectory(place.resolve("merged")));
    Contender.Mounted mounted = contender.mount(stack);
    try (MountedTree tree = new MountedTree(stack.target())) {
      for (Workload workload : workloads) {
        progress.running(round, contender.name(), workload.name());
        if (results.failure(workload.name(), contender.name()).isEmpty()) {
          time(contender, workload, tree, results);
        }
      }
    } finally {
      mounted.unmount();
    }
    Scratch.empty(place);
    Scratch.settle(directory);
  }

  /** What a system cannot do is a result as well, and the same in all rounds. */
  private void time(Contender contender, Workload workload, MountedTree tree, Results results)
      throws InterruptedException {
    try {
      workload.preparation().run(tree);
      Scratch.settle(directory);
      long start = System.nanoTime();
      workload.work().run(tree);
      results.add(contender, workload, (System.nanoTime() - start) / 1e9);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      results.addFailure(contender, workload, e.getMessage());
    }
  }
}
