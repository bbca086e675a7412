package dev.lamina.cli.stats;

import dev.lamina.fuse.metrics.Latencies;
import dev.lamina.fuse.metrics.MountMetrics;
import dev.lamina.linux.Errno;
import dev.lamina.overlay.OverlayMetrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;

/** Figures for scripts: maps and lists of what JSON has. */
public final class FiguresTree {
  private FiguresTree() {}

  /** One mount; times in microseconds, as the names say. */
  public static Map<String, Object> of(Figures figures) {
    MountMetrics server = figures.server();
    OverlayMetrics union = figures.union();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("mountPoint", figures.mountPoint());
    tree.put("pid", figures.pid());
    tree.put("uptimeSeconds", figures.uptimeMillis() / 1000.0);
    tree.put("transport", FiguresText.lower(figures.carrier()));
    tree.put("requestCount", server.allRequests().count());
    tree.put("bucketEndMicros", bucketEnds());
    tree.put("requests", mapped(server.requests(), kind -> kind, FiguresTree::latencies));
    tree.put("errors", mapped(server.errors(), Errno::name, count -> count));
    tree.put("opens", mapped(server.opens(), FiguresText::lower, count -> count));
    tree.put("underWay", server.underWay().stream().map(FiguresTree::underWay).toList());
    tree.put("promotions", mapped(union.promotions(), FiguresText::lower, FiguresTree::promotions));
    tree.put("promotionFailures", union.promotionFailures());
    tree.put("partialFiles", union.partialFiles());
    tree.put("whiteouts", union.whiteouts());
    tree.put("inodes", union.nodes());
    Map<String, Object> names = new LinkedHashMap<>();
    names.put("known", union.names().known());
    names.put("absent", union.names().absent());
    names.put("resolved", union.names().resolved());
    tree.put("names", names);
    tree.put("listings", cache(union.listings()));
    Map<String, Object> directories = cache(union.directories());
    directories.put("open", union.openDirectories());
    tree.put("directories", directories);
    return tree;
  }

  /** Without that of the last bucket, which has none. */
  private static List<Long> bucketEnds() {
    return LongStream.range(0, Latencies.BUCKETS - 1)
        .map(bucket -> Latencies.endMicros((int) bucket))
        .boxed()
        .toList();
  }

  private static Map<String, Object> latencies(Latencies latencies) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("count", latencies.count());
    map.put("totalMicros", latencies.nanos() / 1000.0);
    map.put(
        "buckets",
        LongStream.range(0, Latencies.BUCKETS)
            .map(bucket -> latencies.count((int) bucket))
            .boxed()
            .toList());
    return map;
  }

  private static Map<String, Object> underWay(MountMetrics.UnderWay now) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("kind", now.kind());
    map.put("node", now.node());
    map.put("micros", now.nanos() / 1000.0);
    return map;
  }

  private static Map<String, Object> promotions(OverlayMetrics.Promotions done) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("count", done.count());
    map.put("bytes", done.bytes());
    return map;
  }

  private static Map<String, Object> cache(OverlayMetrics.Cache cache) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("hits", cache.hits());
    map.put("misses", cache.misses());
    return map;
  }

  private static <K, V> Map<String, Object> mapped(
      Map<K, V> from, Function<K, String> key, Function<V, Object> value) {
    Map<String, Object> map = new LinkedHashMap<>();
    from.forEach((k, v) -> map.put(key.apply(k), value.apply(v)));
    return map;
  }
}
