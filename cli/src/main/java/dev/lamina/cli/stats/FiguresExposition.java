package dev.lamina.cli.stats;

import dev.lamina.fuse.metrics.Latencies;
import dev.lamina.fuse.metrics.MountMetrics;
import dev.lamina.linux.Errno;
import dev.lamina.overlay.OverlayMetrics;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Figures in Prometheus's text format, version 0.0.4: each family once, with the samples of all
 * mounts, which have the label {@code mount}.
 */
public final class FiguresExposition {
  private static final double MICROS = 1e6;
  private static final double NANOS = 1e9;

  private final List<Figures> mounts;
  private final StringBuilder out = new StringBuilder();

  private FiguresExposition(List<Figures> mounts) {
    this.mounts = mounts;
  }

  /** Of all these mounts. */
  public static String of(List<Figures> mounts) {
    FiguresExposition exposition = new FiguresExposition(mounts);
    exposition.server();
    exposition.union();
    return exposition.out.toString();
  }

  /** Writes the samples of one mount. */
  private interface Samples {
    void of(Figures figures);
  }

  private void family(String name, String type, String help, Samples samples) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    mounts.forEach(samples::of);
  }

  private void server() {
    family(
        "lamina_uptime_seconds",
        "gauge",
        "Time since the mount was made.",
        mount -> sample("lamina_uptime_seconds", mount, mount.uptimeMillis() / 1e3));
    family(
        "lamina_request_duration_seconds",
        "histogram",
        "Time that the server took for requests of the kernel, by kind.",
        mount -> mount.server().requests().forEach((kind, times) -> times(mount, kind, times)));
    each(
        "lamina_request_errors_total",
        "Requests that were answered with an error.",
        mount -> mount.server().errors(),
        "errno",
        Errno::name,
        Long::longValue);
    each(
        "lamina_opens_total",
        "Files that were opened, by how the kernel does their I/O.",
        mount -> mount.server().opens(),
        "io",
        FiguresText::lower,
        Long::longValue);
    family(
        "lamina_requests_under_way",
        "gauge",
        "Requests that are being served.",
        mount -> sample("lamina_requests_under_way", mount, mount.server().underWay().size()));
    family(
        "lamina_oldest_request_seconds",
        "gauge",
        "How long the longest of them has taken so far.",
        mount ->
            sample(
                "lamina_oldest_request_seconds",
                mount,
                mount.server().underWay().stream()
                        .mapToLong(MountMetrics.UnderWay::nanos)
                        .max()
                        .orElse(0)
                    / NANOS));
  }

  private void times(Figures mount, String kind, Latencies times) {
    String name = "lamina_request_duration_seconds";
    long below = 0;
    for (int bucket = 0; bucket < Latencies.BUCKETS - 1; bucket++) {
      below += times.count(bucket);
      String end = Double.toString(Latencies.endMicros(bucket) / MICROS);
      sample(name + "_bucket", mount, below, "kind", kind, "le", end);
    }
    sample(name + "_bucket", mount, times.count(), "kind", kind, "le", "+Inf");
    sample(name + "_sum", mount, times.nanos() / NANOS, "kind", kind);
    sample(name + "_count", mount, times.count(), "kind", kind);
  }

  private void union() {
    each(
        "lamina_promotions_total",
        "Objects of lowers that came into the upper, by how.",
        mount -> mount.union().promotions(),
        "kind",
        FiguresText::lower,
        OverlayMetrics.Promotions::count);
    each(
        "lamina_promoted_bytes_total",
        "Bytes that were copied for promotions.",
        mount -> mount.union().promotions(),
        "kind",
        FiguresText::lower,
        OverlayMetrics.Promotions::bytes);
    one(
        "lamina_promotion_failures_total",
        "counter",
        "Promotions that failed.",
        mount -> mount.union().promotionFailures());
    one(
        "lamina_partial_files",
        "gauge",
        "Files on their way up block by block.",
        mount -> mount.union().partialFiles());
    one(
        "lamina_whiteouts_total",
        "counter",
        "Whiteouts that were made.",
        mount -> mount.union().whiteouts());
    one(
        "lamina_inodes",
        "gauge",
        "Inodes of the merged tree that are held.",
        mount -> mount.union().nodes());
    one(
        "lamina_open_directories",
        "gauge",
        "Descriptors of directories of layers that are open.",
        mount -> mount.union().openDirectories());
    String caches = "lamina_cache_uses_total";
    family(
        caches,
        "counter",
        "Uses of caches, by whether they had what was asked for.",
        mount -> {
          var union = mount.union();
          sample(caches, mount, union.names().known(), "cache", "names", "result", "hit");
          sample(caches, mount, union.names().absent(), "cache", "names", "result", "negative_hit");
          sample(caches, mount, union.names().resolved(), "cache", "names", "result", "miss");
          sample(caches, mount, union.listings().hits(), "cache", "listings", "result", "hit");
          sample(caches, mount, union.listings().misses(), "cache", "listings", "result", "miss");
          sample(
              caches, mount, union.directories().hits(), "cache", "directories", "result", "hit");
          sample(
              caches,
              mount,
              union.directories().misses(),
              "cache",
              "directories",
              "result",
              "miss");
        });
  }

  private void one(String name, String type, String help, ToLongFunction<Figures> figure) {
    family(name, type, help, mount -> sample(name, mount, figure.applyAsLong(mount)));
  }

  /** A counter for each key of a map, whose word is the value of {@code label}. */
  private <K, V> void each(
      String name,
      String help,
      Function<Figures, Map<K, V>> map,
      String label,
      Function<K, String> word,
      ToLongFunction<V> count) {
    family(
        name,
        "counter",
        help,
        mount ->
            map.apply(mount)
                .forEach(
                    (key, value) ->
                        sample(name, mount, count.applyAsLong(value), label, word.apply(key))));
  }

  private void sample(String name, Figures mount, long value, String... labels) {
    labels(name, mount, labels).append(value).append('\n');
  }

  private void sample(String name, Figures mount, double value, String... labels) {
    labels(name, mount, labels).append(value).append('\n');
  }

  private StringBuilder labels(String name, Figures mount, String... labels) {
    out.append(name)
        .append("{mount=\"")
        .append(escaped(mount.mountPoint()))
        // Of two mounts of one place in two namespaces.
        .append("\",pid=\"")
        .append(mount.pid())
        .append('"');
    for (int i = 0; i < labels.length; i += 2) {
      out.append(',').append(labels[i]).append("=\"").append(labels[i + 1]).append('"');
    }
    return out.append("} ");
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
