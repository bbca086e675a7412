package dev.lamina.benchmarks.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lamina.benchmarks.Results;
import dev.lamina.benchmarks.Rounds;
import dev.lamina.benchmarks.curve.Curve;
import dev.lamina.benchmarks.curve.Point;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code results.json} holds.
 *
 * @param schema of this format; 1
 * @param host where and when
 * @param conditions how it was measured, in sentences
 * @param systems those that were compared; ratios are to the first
 * @param workloads what was measured on all
 * @param curves first writes against what grows; none where they were not asked for
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Report(
    int schema,
    HostFacts host,
    List<String> conditions,
    List<String> systems,
    List<Row> workloads,
    List<CurveRow> curves) {

  /** The format that is written and read. */
  public static final int SCHEMA = 1;

  /**
   * A workload.
   *
   * @param name with its unit where that is not seconds
   */
  public record Row(String name, List<Figure> figures) {}

  /**
   * A workload on a system.
   *
   * @param rounds one figure a round; none where it failed
   * @param median null where it failed
   * @param spread the largest less the smallest, as a part of the median; null where it failed
   * @param ratio to the first system; null where either failed
   * @param noise whether the rounds are further apart than the ratio is from 1
   * @param failure why it cannot be done; null where it can
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Figure(
      String system,
      List<Double> rounds,
      Double median,
      Double spread,
      Double ratio,
      Boolean noise,
      String failure) {}

  /**
   * A curve.
   *
   * @param against what grows
   * @param unit of {@link Place#at}
   */
  public record CurveRow(String fileSystem, String against, String unit, List<Place> places) {}

  /**
   * A system at one place of a curve.
   *
   * @param seconds of each round
   * @param bytes of each round
   * @param medianSeconds null where it failed
   * @param medianBytes null where it failed
   * @param failure why it cannot be done; null where it can
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Place(
      String system,
      long at,
      List<Double> seconds,
      List<Long> bytes,
      Double medianSeconds,
      Double medianBytes,
      String failure) {}

  /** A report of what was measured. */
  public static Report of(
      HostFacts host, List<String> conditions, Results results, List<Curve> curves) {
    List<Row> rows = new ArrayList<>();
    for (String workload : results.workloads()) {
      rows.add(row(results, workload));
    }
    return new Report(
        SCHEMA,
        host,
        conditions,
        results.contenders(),
        rows,
        curves.stream().map(Report::curve).toList());
  }

  private static Row row(Results results, String workload) {
    String base = results.contenders().get(0);
    boolean comparable = results.failure(workload, base).isEmpty();
    List<Figure> figures = new ArrayList<>();
    for (String system : results.contenders()) {
      String failure = results.failure(workload, system).orElse(null);
      if (failure != null) {
        figures.add(new Figure(system, List.of(), null, null, null, null, failure));
        continue;
      }
      Rounds rounds = results.rounds(workload, system);
      Rounds others = comparable ? results.rounds(workload, base) : null;
      figures.add(
          new Figure(
              system,
              rounds.values(),
              rounds.median(),
              rounds.spread(),
              comparable ? rounds.ratioTo(others) : null,
              (system.equals(base) || !comparable) ? null : rounds.isNoiseBeside(others),
              null));
    }
    return new Row(workload, figures);
  }

  static CurveRow curve(Curve curve) {
    return new CurveRow(
        curve.fileSystem(),
        curve.against().title(),
        curve.against().unit(),
        curve.points().stream().map(Report::place).toList());
  }

  private static Place place(Point point) {
    boolean failed = point.failure().isPresent();
    return new Place(
        point.system(),
        point.at(),
        point.seconds(),
        point.bytes(),
        failed ? null : new Rounds(point.seconds()).median(),
        failed ? null : new Rounds(point.bytes().stream().map(Long::doubleValue).toList()).median(),
        point.failure().orElse(null));
  }
}
