package dev.lamina.cli;

import dev.lamina.benchmarks.Results;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A comparison for the terminal: seconds of the first system, ratios to it of the others. A ratio
 * whose rounds are further apart than it is from 1 is in brackets: it may be noise.
 */
final class BenchTable {
  private BenchTable() {}

  static String of(Results results) {
    List<String> contenders = results.contenders();
    String base = contenders.get(0);
    List<List<String>> rows = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("workload", base + " (s)"));
    header.addAll(contenders.subList(1, contenders.size()));
    rows.add(header);
    for (String workload : results.workloads()) {
      List<String> row = new ArrayList<>();
      row.add(workload);
      row.add(
          results.failure(workload, base).isPresent()
              ? "fails"
              : String.format(Locale.ROOT, "%.4f", results.median(workload, base)));
      for (String contender : contenders.subList(1, contenders.size())) {
        row.add(ratio(results, workload, base, contender));
      }
      rows.add(row);
    }
    return TextTable.format(rows) + failures(results);
  }

  private static String failures(Results results) {
    StringBuilder text = new StringBuilder();
    for (String workload : results.workloads()) {
      for (String contender : results.contenders()) {
        results
            .failure(workload, contender)
            .ifPresent(
                why ->
                    text.append(contender)
                        .append(" fails: ")
                        .append(workload)
                        .append(": ")
                        .append(why)
                        .append(System.lineSeparator()));
      }
    }
    return text.toString();
  }

  private static String ratio(Results results, String workload, String base, String contender) {
    if (results.failure(workload, base).isPresent()) {
      return "?";
    }
    if (results.failure(workload, contender).isPresent()) {
      return "fails";
    }
    double ratio = results.median(workload, contender) / results.median(workload, base);
    double spread =
        Math.max(results.spread(workload, base), results.spread(workload, contender) * ratio);
    String text = String.format(Locale.ROOT, ratio < 0.1 ? "x%.3f" : "x%.2f", ratio);
    return spread > Math.abs(ratio - 1) ? "(" + text + ")" : text;
  }
}
