package dev.lamina.benchmarks.report;

import dev.lamina.benchmarks.Rounds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Two reports beside each other, figure by figure; what only one has is left out. */
public final class Difference {
  /**
   * One figure of both.
   *
   * @param ratio the second's median as a multiple of the first's
   * @param noise whether the rounds are further apart than the ratio is from 1
   */
  public record Line(
      String workload, String system, double first, double second, double ratio, boolean noise) {}

  /** A workload on a system. */
  private record Key(String workload, String system) {}

  private Difference() {}

  /** All figures that both have, in the first one's order. */
  public static List<Line> of(Report first, Report second) {
    Map<Key, Rounds> others = figures(second);
    List<Line> lines = new ArrayList<>();
    figures(first)
        .forEach(
            (key, rounds) -> {
              Rounds other = others.get(key);
              if (other != null && rounds.median() > 0) {
                lines.add(
                    new Line(
                        key.workload(),
                        key.system(),
                        rounds.median(),
                        other.median(),
                        other.ratioTo(rounds),
                        other.isNoiseBeside(rounds)));
              }
            });
    return lines;
  }

  private static Map<Key, Rounds> figures(Report report) {
    Map<Key, Rounds> all = new LinkedHashMap<>();
    for (Report.Row row : report.workloads()) {
      for (Report.Figure figure : row.figures()) {
        if (!figure.rounds().isEmpty()) {
          all.put(new Key(row.name(), figure.system()), new Rounds(figure.rounds()));
        }
      }
    }
    for (Report.CurveRow curve : report.curves()) {
      for (Report.Place place : curve.places()) {
        if (place.failure() == null && !place.seconds().isEmpty()) {
          all.put(
              new Key(
                  "first write, " + place.at() + " " + curve.unit() + ", " + curve.fileSystem(),
                  place.system()),
              new Rounds(place.seconds()));
        }
      }
    }
    return all;
  }
}
