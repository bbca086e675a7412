package dev.lamina.cli;

import dev.lamina.benchmarks.report.Report;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** First writes for the terminal: for each system the time, and the bytes that were copied. */
final class CurveTable {
  private static final long UNIT = 1024;

  private CurveTable() {}

  /** A table for each curve, with a line above. */
  static String of(List<Report.CurveRow> curves) {
    StringBuilder text = new StringBuilder();
    for (Report.CurveRow curve : curves) {
      text.append(System.lineSeparator())
          .append("First write of 4 KiB on ")
          .append(curve.fileSystem())
          .append(": time, and bytes copied")
          .append(System.lineSeparator())
          .append(table(curve));
    }
    return text.toString();
  }

  private static String table(Report.CurveRow curve) {
    Set<String> systems = new LinkedHashSet<>();
    Set<Long> places = new LinkedHashSet<>();
    for (Report.Place point : curve.places()) {
      systems.add(point.system());
      places.add(point.at());
    }
    List<List<String>> rows = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of(curve.against()));
    header.addAll(systems);
    rows.add(header);
    for (long place : places) {
      List<String> row = new ArrayList<>();
      row.add(curve.unit().equals("bytes") ? bytes(place) : Long.toString(place));
      for (Report.Place point : curve.places()) {
        if (point.at() == place) {
          row.add(cell(point));
        }
      }
      rows.add(row);
    }
    return TextTable.format(rows);
  }

  private static String cell(Report.Place point) {
    if (point.failure() != null) {
      return "fails";
    }
    return String.format(
        Locale.ROOT,
        "%.2f ms, %s",
        point.medianSeconds() * 1000,
        bytes(point.medianBytes().longValue()));
  }

  private static String bytes(long count) {
    String[] units = {"B", "KiB", "MiB", "GiB"};
    double value = count;
    int unit = 0;
    while (value >= UNIT && unit < units.length - 1) {
      value /= UNIT;
      unit++;
    }
    return String.format(
        Locale.ROOT, value < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", value, units[unit]);
  }
}
