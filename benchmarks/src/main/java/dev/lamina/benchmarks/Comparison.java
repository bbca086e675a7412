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
  private final Suite.Maker maker;
  private final List<Contender> contenders;
  private final int rounds;
  private final Progress progress;

  /**
   * A comparison to run.
   *
   * @param directory empty, for data, uppers and mounts; emptied in the end. What is measured is
   *     its filesystem, too
   * @param maker of the layers, and of what is measured on them
   */
  public Comparison(
      Path directory,
      Suite.Maker maker,
      List<Contender> contenders,
      int rounds,
      Progress progress) {
    this.directory = directory;
    this.maker = maker;
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
      Suite suite = maker.make(Files.createDirectories(directory.resolve("data")));
      Scratch.settle(directory);
      warm(suite);
      Results results = new Results(contenders, suite.workloads());
      for (int round = 1; round <= rounds; round++) {
        List<Contender> order = new ArrayList<>(contenders);
        Collections.rotate(order, round - 1);
        for (Contender contender : order) {
          run(round, contender, suite, results);
        }
      }
      return results;
    } finally {
      Scratch.empty(directory);
    }
  }

  private static void warm(Suite suite) throws IOException, InterruptedException {
    for (Path lower : suite.lowers()) {
      Programs.sh("find \"$1\" -type f -print0 | xargs -0r cat >/dev/null", lower);
    }
  }

  private void run(int round, Contender contender, Suite suite, Results results)
      throws IOException, InterruptedException {
    Path place = Scratch.directory(directory.resolve("round"));
    Stack stack = Stack.in(place, suite.lowers());
    long slabs = Memory.ofKernel();
    long start = System.nanoTime();
    Contender.Mounted mounted = contender.mount(stack);
    results.add(contender, Results.MOUNT, (System.nanoTime() - start) / 1e9);
    try (MountedTree tree = new MountedTree(stack, slabs)) {
      for (Workload workload : suite.workloads()) {
        progress.running(round, contender.name(), workload.name());
        if (results.failure(workload.name(), contender.name()).isEmpty()) {
          measure(contender, workload, tree, results);
        }
      }
    } finally {
      mounted.unmount();
    }
    Scratch.empty(place);
    Scratch.settle(directory);
  }

  /** What a system cannot do is a result as well, and the same in all rounds. */
  private void measure(Contender contender, Workload workload, MountedTree tree, Results results)
      throws InterruptedException {
    try {
      workload.preparation().run(tree);
      Scratch.settle(directory);
      results.add(contender, workload.name(), workload.measurement().run(tree));
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      results.addFailure(contender, workload, e.getMessage());
    }
  }
}
