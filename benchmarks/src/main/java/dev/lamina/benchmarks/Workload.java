package dev.lamina.benchmarks;

/**
 * One thing that is timed. All of a round run on one mount, in the order of {@link Workloads}, so
 * that what one leaves is what the next one finds, on every system alike.
 *
 * @param name how results call it
 * @param preparation what it needs in the mount and is not timed
 * @param work what is timed
 */
record Workload(String name, Step preparation, Step work) {
  /** Something done in a mount. */
  interface Step {
    void run(MountedTree tree) throws Exception;
  }

  Workload(String name, Step work) {
    this(name, tree -> {}, work);
  }
}
