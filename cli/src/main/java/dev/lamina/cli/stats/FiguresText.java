package dev.lamina.cli.stats;

import dev.lamina.fuse.metrics.Latencies;
import dev.lamina.fuse.metrics.MountMetrics;
import dev.lamina.linux.Errno;
import dev.lamina.overlay.OverlayMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Figures for people. */
public final class FiguresText {
  private static final double NANOS_PER_MICRO = 1000;

  private final Function<List<List<String>>, String> table;

  /** Sets rows, the first of which is the heading, with {@code table}. */
  public FiguresText(Function<List<List<String>>, String> table) {
    this.table = table;
  }

  /** One mount: a table of its requests, and lines of all else. */
  public String of(Figures figures) {
    MountMetrics server = figures.server();
    OverlayMetrics union = figures.union();
    StringBuilder out = new StringBuilder();
    line(
        out,
        "%s: server %d, up %s, requests over %s",
        figures.mountPoint(),
        figures.pid(),
        uptime(figures.uptimeMillis()),
        figures.carrier());
    out.append(System.lineSeparator()).append(table.apply(requests(server)));
    out.append(System.lineSeparator());
    for (MountMetrics.UnderWay now : server.underWay()) {
      line(out, "under way    %s of node %d for %.3f s", now.kind(), now.node(), now.nanos() / 1e9);
    }
    line(out, "errors       %s", joined(server.errors(), FiguresText::error));
    line(
        out,
        "opens        %s",
        joined(server.opens(), open -> lower(open.getKey()) + " " + open.getValue()));
    line(
        out,
        "promotions   %s, failed %d, under way in parts %d",
        joined(union.promotions(), FiguresText::promotion),
        union.promotionFailures(),
        union.partialFiles());
    line(out, "whiteouts    %d", union.whiteouts());
    line(
        out,
        "names        known %d, absent %d, resolved %d",
        union.names().known(),
        union.names().absent(),
        union.names().resolved());
    line(
        out, "listings     hits %d, misses %d", union.listings().hits(), union.listings().misses());
    line(
        out,
        "directories  hits %d, misses %d, open %d",
        union.directories().hits(),
        union.directories().misses(),
        union.openDirectories());
    line(out, "inodes       %d held", union.nodes());
    return out.toString();
  }

  private static void line(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }

  private static List<List<String>> requests(MountMetrics server) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("REQUEST", "COUNT", "MEAN", "HALF", "99%", "ALL (microseconds)"));
    new TreeMap<>(server.requests()).forEach((kind, latencies) -> rows.add(row(kind, latencies)));
    rows.add(row("all", server.allRequests()));
    return rows;
  }

  private static List<String> row(String kind, Latencies latencies) {
    long count = Math.max(latencies.count(), 1);
    return List.of(
        kind,
        Long.toString(latencies.count()),
        String.format(Locale.ROOT, "%.1f", latencies.nanos() / NANOS_PER_MICRO / count),
        below(latencies, 0.5),
        below(latencies, 0.99),
        below(latencies, 1));
  }

  private static String below(Latencies latencies, double part) {
    long micros = latencies.quantileMicros(part);
    if (micros == Long.MAX_VALUE) {
      return ">=" + Latencies.endMicros(Latencies.BUCKETS - 2);
    }
    return micros == 0 ? "-" : "<" + micros;
  }

  private static String uptime(long millis) {
    Duration up = Duration.ofMillis(millis);
    return up.toHours() > 0
        ? up.toHours() + " h " + up.toMinutesPart() + " min"
        : up.toMinutes() + " min " + up.toSecondsPart() + " s";
  }

  private static String error(Map.Entry<Integer, Long> error) {
    return Errno.name(error.getKey()) + " " + error.getValue();
  }

  private static <E extends Enum<E>> String promotion(
      Map.Entry<E, OverlayMetrics.Promotions> done) {
    return String.format(
        Locale.ROOT,
        "%s %d (%d bytes)",
        lower(done.getKey()),
        done.getValue().count(),
        done.getValue().bytes());
  }

  /** In the order of the keys: maps of snapshots have none. */
  private static <K extends Comparable<K>, V> String joined(
      Map<K, V> map, Function<Map.Entry<K, V>, String> words) {
    String all =
        new TreeMap<>(map).entrySet().stream().map(words).collect(Collectors.joining(", "));
    return all.isEmpty() ? "none" : all;
  }

  static String lower(Enum<?> kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
