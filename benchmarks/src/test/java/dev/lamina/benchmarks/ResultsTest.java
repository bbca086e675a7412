package dev.lamina.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ResultsTest {
  private final Contender kernel = Contenders.of("kernel", "lamina");
  private final Contender lamina = Contenders.of("lamina:passthrough=off", "lamina");
  private final Workload walk = Workload.timed("walk", tree -> {});
  private final Results results = new Results(List.of(kernel, lamina), List.of(walk));

  @Test
  void median_ofRounds_isTheMiddleOne() {
    for (double seconds : new double[] {3, 1, 2}) {
      results.add(kernel, "walk", seconds);
    }
    assertThat(results.rounds("walk", "kernel").median()).isEqualTo(2);
    assertThat(results.rounds("walk", "kernel").spread()).isEqualTo(1);
    assertThat(results.rounds("walk", "kernel").values()).containsExactly(3.0, 1.0, 2.0);
  }

  @Test
  void median_ofAnEvenNumber_isBetweenTheTwoInTheMiddle() {
    for (double seconds : new double[] {4, 1, 2, 8}) {
      results.add(lamina, "walk", seconds);
    }
    assertThat(results.rounds("walk", lamina.name()).median()).isCloseTo(3, within(1e-9));
  }

  @Test
  void failure_isKeptWithItsReason() {
    results.addFailure(lamina, walk, "no");
    assertThat(results.failure("walk", lamina.name())).contains("no");
    assertThat(results.failure("walk", "kernel")).isEmpty();
  }
}
