package dev.lamina.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was measured, by workload and system, one figure a round: seconds, unless a name says else.
 */
public final class Results {
  /** The first row of all: how long a mount takes until it can be used. */
  public static final String MOUNT = "mount";

  private final List<String> contenders = new ArrayList<>();
  private final Map<String, Map<String, List<Double>>> figures = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> failures = new LinkedHashMap<>();

  Results(List<Contender> contenders, List<Workload> workloads) {
    for (Contender contender : contenders) {
      this.contenders.add(contender.name());
    }
    addRow(MOUNT);
    for (Workload workload : workloads) {
      addRow(workload.name());
    }
  }

  private void addRow(String workload) {
    Map<String, List<Double>> row = new LinkedHashMap<>();
    for (String contender : contenders) {
      row.put(contender, new ArrayList<>());
    }
    figures.put(workload, row);
  }

  void add(Contender contender, String workload, double value) {
    figures.get(workload).get(contender.name()).add(value);
  }

  void addFailure(Contender contender, Workload workload, String message) {
    failures
        .computeIfAbsent(workload.name(), name -> new LinkedHashMap<>())
        .put(contender.name(), message);
  }

  /** Why {@code contender} cannot do {@code workload}; empty where it can, and was timed. */
  public Optional<String> failure(String workload, String contender) {
    return Optional.ofNullable(failures.getOrDefault(workload, Map.of()).get(contender));
  }

  /** The systems, in the order in which they were given. */
  public List<String> contenders() {
    return List.copyOf(contenders);
  }

  /** The workloads, in the order in which they ran. */
  public List<String> workloads() {
    return List.copyOf(figures.keySet());
  }

  /** The figures of all rounds; none where the system cannot do it. */
  public Rounds rounds(String workload, String contender) {
    return new Rounds(figures.get(workload).get(contender));
  }
}
