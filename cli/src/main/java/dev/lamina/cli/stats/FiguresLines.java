package dev.lamina.cli.stats;

import dev.lamina.fuse.metrics.Latencies;
import dev.lamina.fuse.metrics.MountMetrics;
import dev.lamina.fuse.metrics.OpenKind;
import dev.lamina.overlay.OverlayMetrics;
import dev.lamina.overlay.event.PromotionKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How figures travel: a line for each, its name and then numbers. Text, and not JSON, since servers
 * have no JSON library in memory otherwise. Who reads passes over lines that it does not know, and
 * takes 0 for those that it misses: the other end may be of another version.
 */
final class FiguresLines {
  private static final String MOUNT = "mount ";

  private FiguresLines() {}

  static String write(Figures figures) {
    StringBuilder out = new StringBuilder();
    MountMetrics server = figures.server();
    OverlayMetrics union = figures.union();
    // Alone with its line, as it may hold spaces; a name with a newline is cut off.
    out.append(MOUNT).append(figures.mountPoint().lines().findFirst().orElse("")).append('\n');
    line(out, "server", figures.pid(), figures.carrier().number, figures.uptimeMillis());
    server.requests().forEach((kind, latencies) -> request(out, kind, latencies));
    server.errors().forEach((errno, count) -> line(out, "error", errno, count));
    server.opens().forEach((kind, count) -> line(out, "open " + kind, count));
    for (MountMetrics.UnderWay now : server.underWay()) {
      line(out, "under-way " + word(now.kind()), now.node(), now.nanos());
    }
    union
        .promotions()
        .forEach((kind, done) -> line(out, "promotion " + kind, done.count(), done.bytes()));
    line(
        out,
        "union",
        union.nodes(),
        union.promotionFailures(),
        union.partialFiles(),
        union.whiteouts());
    line(out, "names", union.names().known(), union.names().absent(), union.names().resolved());
    line(out, "listings", union.listings().hits(), union.listings().misses());
    line(
        out,
        "directories",
        union.directories().hits(),
        union.directories().misses(),
        union.openDirectories());
    return out.append("end\n").toString();
  }

  private static void request(StringBuilder out, String kind, Latencies latencies) {
    long[] numbers = new long[Latencies.BUCKETS + 1];
    numbers[0] = latencies.nanos();
    for (int bucket = 0; bucket < Latencies.BUCKETS; bucket++) {
      numbers[bucket + 1] = latencies.count(bucket);
    }
    line(out, "request " + word(kind), numbers);
  }

  /** An opcode without a name is called {@code opcode 99}. */
  private static String word(String kind) {
    return kind.replace(' ', '-');
  }

  private static void line(StringBuilder out, String name, long... numbers) {
    out.append(name);
    for (long number : numbers) {
      out.append(' ').append(number);
    }
    out.append('\n');
  }

  /**
   * What {@link #write} wrote.
   *
   * @throws IllegalArgumentException for anything else, or half of it
   */
  static Figures read(String text) {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !lines.get(lines.size() - 1).equals("end")) {
      throw new IllegalArgumentException("figures that break off");
    }
    Reading reading = new Reading();
    lines.forEach(reading::take);
    return reading.figures();
  }

  /** What was read so far. */
  private static final class Reading {
    private String mountPoint = "";
    private long[] process = {};
    private long[] union = {};
    private long[] names = {};
    private long[] listings = {};
    private long[] directories = {};
    private final Map<String, Latencies> requests = new TreeMap<>();
    private final Map<Integer, Long> errors = new TreeMap<>();
    private final Map<OpenKind, Long> opens = new EnumMap<>(OpenKind.class);
    private final List<MountMetrics.UnderWay> underWay = new ArrayList<>();
    private final Map<PromotionKind, OverlayMetrics.Promotions> promotions =
        new EnumMap<>(PromotionKind.class);

    void take(String line) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "mount" -> mountPoint = line.substring(MOUNT.length());
        case "server" -> process = numbers(words, 1);
        case "request" -> request(words[1], numbers(words, 2));
        case "error" -> errors.put((int) number(words[1]), number(words[2]));
        case "open" -> open(words[1], number(words[2]));
        case "under-way" ->
            underWay.add(new MountMetrics.UnderWay(words[1], number(words[2]), number(words[3])));
        case "promotion" -> promotion(words[1], numbers(words, 2));
        case "union" -> union = numbers(words, 1);
        case "names" -> names = numbers(words, 1);
        case "listings" -> listings = numbers(words, 1);
        case "directories" -> directories = numbers(words, 1);
        default -> {
          // Of a newer server.
        }
      }
    }

    private void request(String kind, long[] numbers) {
      long[] counts = new long[Latencies.BUCKETS];
      for (int bucket = 0; bucket < counts.length; bucket++) {
        counts[bucket] = at(numbers, bucket + 1);
      }
      requests.put(kind, Latencies.of(counts, at(numbers, 0)));
    }

    private void open(String kind, long count) {
      for (OpenKind known : OpenKind.values()) {
        if (known.name().equals(kind)) {
          opens.put(known, count);
        }
      }
    }

    private void promotion(String kind, long[] numbers) {
      for (PromotionKind known : PromotionKind.values()) {
        if (known.name().equals(kind)) {
          promotions.put(known, new OverlayMetrics.Promotions(at(numbers, 0), at(numbers, 1)));
        }
      }
    }

    Figures figures() {
      return new Figures(
          mountPoint,
          at(process, 0),
          carrier(at(process, 1)),
          at(process, 2),
          new MountMetrics(requests, errors, opens, underWay),
          new OverlayMetrics(
              (int) at(union, 0),
              promotions,
              at(union, 1),
              (int) at(union, 2),
              at(union, 3),
              new OverlayMetrics.Names(at(names, 0), at(names, 1), at(names, 2)),
              new OverlayMetrics.Cache(at(listings, 0), at(listings, 1)),
              new OverlayMetrics.Cache(at(directories, 0), at(directories, 1)),
              (int) at(directories, 2)));
    }

    /** One that only a newer server has is shown as the device that all of them use. */
    private static Figures.Carrier carrier(long number) {
      for (Figures.Carrier known : Figures.Carrier.values()) {
        if (known.number == number) {
          return known;
        }
      }
      return Figures.Carrier.DEV_FUSE;
    }

    private static long at(long[] numbers, int index) {
      return index < numbers.length ? numbers[index] : 0;
    }

    private static long[] numbers(String[] words, int from) {
      long[] numbers = new long[words.length - from];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = number(words[from + i]);
      }
      return numbers;
    }

    private static long number(String word) {
      return Long.parseLong(word);
    }
  }
}
