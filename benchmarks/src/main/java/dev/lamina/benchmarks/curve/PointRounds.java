package dev.lamina.benchmarks.curve;

import dev.lamina.benchmarks.Contender;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A point while it is measured. */
final class PointRounds {
  private final Contender contender;
  private final long at;
  private final List<Double> seconds = new ArrayList<>();
  private final List<Long> bytes = new ArrayList<>();
  private String failure;

  PointRounds(Contender contender, long at) {
    this.contender = contender;
    this.at = at;
  }

  Contender contender() {
    return contender;
  }

  long at() {
    return at;
  }

  boolean isFailed() {
    return failure != null;
  }

  /** Measures once more. What a system cannot do is a result as well. */
  void add(FirstWrites writes, LoopFileSystem place, Path scratch) throws InterruptedException {
    try {
      FirstWrites.Cost cost = writes.run(contender, place, scratch);
      seconds.add(cost.seconds());
      bytes.add(cost.bytes());
    } catch (IOException e) {
      failure = e.getMessage();
    }
  }

  Point toPoint() {
    return new Point(
        contender.name(),
        at,
        List.copyOf(seconds),
        List.copyOf(bytes),
        Optional.ofNullable(failure));
  }
}
