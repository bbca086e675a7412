package dev.lamina.cli;

import dev.lamina.benchmarks.report.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A comparison for the terminal: seconds of the first system, ratios to it of the others. */
final class BenchTable {
  private static final String FAILS = "fails";

  private BenchTable() {}

  static String of(Report report) {
    String base = report.systems().get(0);
    List<List<String>> rows = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("workload", base + " (s)"));
    header.addAll(report.systems().subList(1, report.systems().size()));
    rows.add(header);
    StringBuilder failures = new StringBuilder();
    for (Report.Row row : report.workloads()) {
      List<String> cells = new ArrayList<>(List.of(row.name()));
      for (Report.Figure figure : row.figures()) {
        cells.add(cell(figure, figure.system().equals(base)));
        if (figure.failure() != null) {
          failures.append(
              String.format("%s fails: %s: %s%n", figure.system(), row.name(), figure.failure()));
        }
      }
      rows.add(cells);
    }
    return TextTable.format(rows)
        + String.format(
            "In brackets: the rounds are further apart than the ratio is from 1; it may be noise.%n")
        + failures;
  }

  private static String cell(Report.Figure figure, boolean first) {
    if (figure.failure() != null) {
      return FAILS;
    }
    if (first) {
      return figure(figure.median());
    }
    return figure.ratio() == null ? "?" : ratio(figure.ratio(), figure.noise());
  }

  /** A figure as the tables show it, in seconds unless its workload's name says else. */
  static String figure(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  /** A ratio as the tables show it: in brackets where it may be noise. */
  static String ratio(double ratio, boolean noise) {
    String text = String.format(Locale.ROOT, ratio < 0.1 ? "x%.3f" : "x%.2f", ratio);
    return noise ? "(" + text + ")" : text;
  }
}
