package dev.lamina.fuse.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The {@link Meter}s of all threads that serve one mount. Thread-safe. */
public final class Meters {
  private final List<Meter> meters = new CopyOnWriteArrayList<>();

  /** The meter of one more thread, which alone uses it. */
  public Meter add() {
    Meter meter = new Meter();
    meters.add(meter);
    return meter;
  }

  /** Requests of all kinds. */
  public long total() {
    long sum = 0;
    for (Meter meter : meters) {
      sum += meter.total();
    }
    return sum;
  }

  /** Requests by the protocol's name for their kind; kinds that never came are left out. */
  public Map<String, Long> byName() {
    Map<String, Long> counts = new TreeMap<>();
    requests().forEach((kind, latencies) -> counts.put(kind, latencies.count()));
    return counts;
  }

  private Map<String, Latencies> requests() {
    Map<String, Latencies> sums = new TreeMap<>();
    meters.forEach(meter -> meter.addRequests(sums));
    return sums;
  }

  /** All that was counted so far. */
  public MountMetrics snapshot() {
    Map<Integer, Long> errors = new TreeMap<>();
    Map<OpenKind, Long> opens = new EnumMap<>(OpenKind.class);
    List<MountMetrics.UnderWay> underWay = new ArrayList<>();
    for (Meter meter : meters) {
      meter.addErrors(errors);
      meter.addOpens(opens);
      MountMetrics.UnderWay now = meter.underWay();
      if (now != null) {
        underWay.add(now);
      }
    }
    underWay.sort(Comparator.comparingLong(MountMetrics.UnderWay::nanos).reversed());
    return new MountMetrics(requests(), errors, opens, underWay);
  }
}
