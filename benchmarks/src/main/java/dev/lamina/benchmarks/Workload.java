package dev.lamina.benchmarks;

/**
 * One thing that is measured. All of a round run on one mount, in their order, so that what one
 * leaves is what the next one finds, on every system alike.
 *
 * @param name how results call it, with the unit where that is not seconds
 * @param preparation what it needs in the mount and does not count
 * @param measurement what is measured
 */
public record Workload(String name, Step preparation, Measurement measurement) {
  /** Something done in a mount. */
  interface Step {
    void run(MountedTree tree) throws Exception;
  }

  /** Something done in a mount, and a figure about it; less is better. */
  interface Measurement {
    double run(MountedTree tree) throws Exception;
  }

  /** How long {@code work} takes. */
  static Workload timed(String name, Step preparation, Step work) {
    return new Workload(
        name,
        preparation,
        tree -> {
          long start = System.nanoTime();
          work.run(tree);
          return (System.nanoTime() - start) / 1e9;
        });
  }

  /** As above, where nothing is to be prepared. */
  static Workload timed(String name, Step work) {
    return timed(name, tree -> {}, work);
  }
}
