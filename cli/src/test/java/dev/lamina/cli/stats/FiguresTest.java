package dev.lamina.cli.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fuse.metrics.Latencies;
import dev.lamina.fuse.metrics.MountMetrics;
import dev.lamina.fuse.metrics.OpenKind;
import dev.lamina.linux.Errno;
import dev.lamina.overlay.OverlayMetrics;
import dev.lamina.overlay.event.PromotionKind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How figures travel, and how they are shown. */
class FiguresTest {
  private static final Figures FIGURES =
      new Figures(
          "/mnt/a \"quoted\" place",
          4711,
          Figures.Carrier.IO_URING,
          65_500,
          new MountMetrics(
              Map.of("LOOKUP", latencies(3, 5), "READ", latencies(10, 1)),
              Map.of(Errno.ENOSPC, 2L, 99, 1L),
              Map.of(OpenKind.PASSTHROUGH, 7L, OpenKind.CACHED, 8L, OpenKind.AFRESH, 0L),
              List.of(new MountMetrics.UnderWay("FSYNC", 17, 2_500_000_000L))),
          new OverlayMetrics(
              12,
              Map.of(
                  PromotionKind.COPY,
                  new OverlayMetrics.Promotions(3, 4096),
                  PromotionKind.PARTIAL,
                  new OverlayMetrics.Promotions(1, 1 << 20)),
              1,
              2,
              3,
              new OverlayMetrics.Names(4, 5, 6),
              new OverlayMetrics.Cache(7, 8),
              new OverlayMetrics.Cache(9, 10),
              11));

  private static Latencies latencies(int bucket, long count) {
    long[] counts = new long[Latencies.BUCKETS];
    counts[bucket] = count;
    counts[0] = 1;
    return Latencies.of(counts, count * 1000);
  }

  @Test
  void whatIsWritten_isRead() {
    assertThat(FiguresLines.read(FiguresLines.write(FIGURES))).isEqualTo(FIGURES);
  }

  @Test
  void requestWithoutAName_isOneWord() {
    MountMetrics server = FIGURES.server();
    MountMetrics unnamed =
        new MountMetrics(
            Map.of("opcode 99", latencies(3, 5)),
            server.errors(),
            server.opens(),
            List.of(new MountMetrics.UnderWay("opcode 99", 17, 5)));
    Figures figures = new Figures("/mnt", 1, Figures.Carrier.LIBFUSE, 2, unnamed, FIGURES.union());
    Figures read = FiguresLines.read(FiguresLines.write(figures));
    assertThat(read.server().underWay())
        .containsExactly(new MountMetrics.UnderWay("opcode-99", 17, 5));
    assertThat(read.server().requests()).containsOnlyKeys("opcode-99");
    assertThat(new FiguresText(rows -> rows + "\n").of(read)).contains("requests over libfuse");
    assertThat(FiguresTree.of(read)).containsEntry("transport", "libfuse");
  }

  @Test
  void linesOfANewerServer_arePassedOver() {
    String newer = "novelty 1 2 3\n" + FiguresLines.write(FIGURES);
    assertThat(FiguresLines.read(newer)).isEqualTo(FIGURES);
  }

  @Test
  void halfOfIt_isRefused() {
    String text = FiguresLines.write(FIGURES);
    assertThatThrownBy(() -> FiguresLines.read(text.substring(0, text.length() / 2)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FiguresLines.read("")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void text_tellsAll() {
    String text = new FiguresText(rows -> rows + "\n").of(FIGURES);
    assertThat(text)
        .contains("server 4711, up 1 min 5 s, requests over io_uring")
        .contains("[LOOKUP, 6, 0.8, <8, <8, <8]", "[READ, 2, 0.5, <1, <1024, <1024]")
        .contains("FSYNC of node 17 for 2.500 s", "ENOSPC 2", "passthrough 7")
        .contains("copy 3 (4096 bytes), partial 1 (1048576 bytes), failed 1");
  }

  @Test
  void exposition_hasEachFamilyOnceAndCumulativeBuckets() {
    String text = FiguresExposition.of(List.of(FIGURES, FIGURES));
    assertThat(text.lines().filter(line -> line.startsWith("# TYPE")))
        .doesNotHaveDuplicates()
        .contains("# TYPE lamina_request_duration_seconds histogram");
    String mount = "{mount=\"/mnt/a \\\"quoted\\\" place\",pid=\"4711\"";
    assertThat(text.lines())
        .contains(
            "lamina_request_duration_seconds_bucket" + mount + ",kind=\"LOOKUP\",le=\"4.0E-6\"} 1",
            "lamina_request_duration_seconds_bucket" + mount + ",kind=\"LOOKUP\",le=\"8.0E-6\"} 6",
            "lamina_request_duration_seconds_bucket" + mount + ",kind=\"LOOKUP\",le=\"+Inf\"} 6",
            "lamina_request_duration_seconds_count" + mount + ",kind=\"LOOKUP\"} 6",
            "lamina_promoted_bytes_total" + mount + ",kind=\"copy\"} 4096",
            "lamina_request_errors_total" + mount + ",errno=\"errno 99\"} 1",
            "lamina_oldest_request_seconds" + mount + "} 2.5");
    assertThat(text.lines().filter(line -> !line.startsWith("#")))
        .allMatch(
            line -> line.matches("[a-z_]+\\{([a-z]+=\"(\\\\.|[^\"\\\\])*\",?)+} [0-9.E+-]+"), text);
  }
}
