package dev.lamina.fuse.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class LongCountersTest {
  private record Step(boolean add, long key, long count) {}

  @Property(tries = 300, seed = "2026")
  void behavesAsAMap(@ForAll("steps") List<Step> steps) {
    LongCounters counters = new LongCounters();
    Map<Long, Long> model = new HashMap<>();
    for (Step step : steps) {
      if (step.add) {
        counters.add(step.key, step.count);
        model.merge(step.key, step.count, Long::sum);
      } else {
        long taken = Math.min(step.count, model.getOrDefault(step.key, 0L));
        assertThat(counters.subtract(step.key, step.count)).isEqualTo(taken);
        model.computeIfPresent(step.key, (key, held) -> held == taken ? null : held - taken);
      }
    }
    assertThat(drained(counters)).isEqualTo(model);
    assertThat(drained(counters)).isEmpty();
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    // Few keys, so that they meet; removals first move others about.
    return Combinators.combine(
            Arbitraries.of(true, true, false),
            Arbitraries.longs().between(1, 400),
            Arbitraries.longs().between(1, 3))
        .as(Step::new)
        .list()
        .ofMinSize(50)
        .ofMaxSize(1500);
  }

  @Test
  void counts_ofSeveralThreadsAddUp() throws Exception {
    LongCounters counters = new LongCounters();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 50_000; i++) {
                  counters.add(i % 1000 + 1, 2);
                  counters.subtract(i % 1000 + 1, 1);
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(drained(counters)).hasSize(1000).allSatisfy((k, v) -> assertThat(v).isEqualTo(200));
  }

  private static Map<Long, Long> drained(LongCounters counters) {
    Map<Long, Long> drained = new HashMap<>();
    counters.drain(drained::put);
    return drained;
  }
}
