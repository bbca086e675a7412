package dev.lamina.fuse.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fuse.wire.Opcode;
import dev.lamina.linux.Errno;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is counted, by one thread and by several together. */
class MeterTest {
  private final Meters meters = new Meters();
  private final Meter meter = meters.add();

  private static void serve(Meter meter, int opcode, int errno) {
    meter.begin(opcode, 1);
    meter.end(errno);
  }

  @Test
  void bucketOf_doublesFromOneMicrosecondOn() {
    assertThat(Latencies.bucketOf(-5)).isZero();
    assertThat(Latencies.bucketOf(999)).isZero();
    assertThat(Latencies.bucketOf(1_000)).isEqualTo(1);
    assertThat(Latencies.bucketOf(1_999)).isEqualTo(1);
    assertThat(Latencies.bucketOf(2_000)).isEqualTo(2);
    assertThat(Latencies.bucketOf(1_023_999)).isEqualTo(10);
    assertThat(Latencies.bucketOf(1_024_000)).isEqualTo(11);
    assertThat(Latencies.bucketOf(Long.MAX_VALUE)).isEqualTo(Latencies.BUCKETS - 1);
    for (int bucket = 0; bucket < Latencies.BUCKETS - 1; bucket++) {
      long end = Latencies.endMicros(bucket) * 1000;
      assertThat(Latencies.bucketOf(end - 1)).isEqualTo(bucket);
      assertThat(Latencies.bucketOf(end)).isEqualTo(bucket + 1);
    }
  }

  @Test
  void quantile_isTheEndOfTheBucketThatReachesIt() {
    long[] counts = new long[Latencies.BUCKETS];
    counts[3] = 50;
    counts[5] = 49;
    counts[9] = 1;
    Latencies latencies = Latencies.of(counts, 1);
    assertThat(latencies.quantileMicros(0.5)).isEqualTo(8);
    assertThat(latencies.quantileMicros(0.51)).isEqualTo(32);
    assertThat(latencies.quantileMicros(0.99)).isEqualTo(32);
    assertThat(latencies.quantileMicros(1)).isEqualTo(512);
    assertThat(Latencies.NONE.quantileMicros(0.5)).isZero();
    assertThatThrownBy(() -> Latencies.of(new long[3], 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void requests_areCountedByKindOverAllThreads() {
    Meter other = meters.add();
    serve(meter, Opcode.LOOKUP, 0);
    serve(meter, Opcode.LOOKUP, Errno.ENOSPC);
    serve(other, Opcode.LOOKUP, Errno.ENOSPC);
    serve(other, Opcode.READ, 0);
    serve(other, 4096, 0);
    MountMetrics metrics = meters.snapshot();
    assertThat(meters.byName()).isEqualTo(Map.of("LOOKUP", 3L, "READ", 1L));
    assertThat(meters.total()).isEqualTo(4);
    assertThat(metrics.allRequests().count()).isEqualTo(4);
    assertThat(metrics.requests().get("LOOKUP").nanos()).isPositive();
    assertThat(metrics.errors()).isEqualTo(Map.of(Errno.ENOSPC, 2L));
  }

  @Test
  void requestUnderWay_isSeenUntilItEnds() {
    meter.begin(Opcode.FSYNC, 17);
    MountMetrics.UnderWay now = meters.snapshot().underWay().get(0);
    assertThat(now.kind()).isEqualTo("FSYNC");
    assertThat(now.node()).isEqualTo(17);
    assertThat(now.nanos()).isNotNegative();
    assertThat(meters.snapshot().requests()).isEmpty();
    meter.end(0);
    assertThat(meters.snapshot().underWay()).isEmpty();
    assertThat(meters.snapshot().requests()).containsOnlyKeys("FSYNC");
  }

  @Test
  void opens_areCountedByKind() {
    meter.opened(OpenKind.CACHED);
    meter.opened(OpenKind.PASSTHROUGH);
    meters.add().opened(OpenKind.PASSTHROUGH);
    assertThat(meters.snapshot().opens())
        .isEqualTo(Map.of(OpenKind.CACHED, 1L, OpenKind.PASSTHROUGH, 2L, OpenKind.AFRESH, 0L));
  }

  @Test
  void snapshot_isNotToBeChanged() {
    serve(meter, Opcode.READ, 0);
    MountMetrics metrics = meters.snapshot();
    serve(meter, Opcode.READ, 0);
    assertThat(metrics.requests().get("READ").count()).isEqualTo(1);
    assertThatThrownBy(() -> metrics.requests().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
