package dev.lamina.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.lamina.benchmarks.curve.Against;
import dev.lamina.benchmarks.curve.Curve;
import dev.lamina.benchmarks.curve.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportTest {
  @TempDir Path directory;

  private static Report.Figure figure(String system, Double... rounds) {
    return new Report.Figure(system, List.of(rounds), rounds[0], 0.0, 1.0, false, null);
  }

  private static Report report(Report.Row... rows) {
    HostFacts host =
        new HostFacts(
            "2026-11-21T00:00:00Z", "lamina 1", "6.1", "x", true, 1, "ext4", "17", 0, Map.of());
    Point point =
        new Point("kernel", 4096, List.of(0.5, 0.7, 0.6), List.of(1L, 3L, 2L), Optional.empty());
    Point failed = new Point("other", 4096, List.of(), List.of(), Optional.of("</script><b>no"));
    Report.CurveRow curve =
        Report.curve(new Curve("ext4", Against.FILE_SIZE, List.of(point, failed)));
    return new Report(
        Report.SCHEMA,
        host,
        List.of("measured"),
        List.of("kernel", "other"),
        List.of(rows),
        List.of(curve));
  }

  @Test
  void written_isReadAsItWas() throws Exception {
    Report report = report(new Report.Row("walk", List.of(figure("kernel", 1.0))));
    ReportFiles.write(report, directory.resolve("new/place"));
    assertThat(ReportFiles.read(directory.resolve("new/place/results.json"))).isEqualTo(report);
    assertThat(report.curves().get(0).places().get(0).medianSeconds()).isEqualTo(0.6);
    assertThat(report.curves().get(0).places().get(0).medianBytes()).isEqualTo(2);
  }

  @Test
  void page_holdsTheFigures_andNothingOfThemIsMarkup() throws Exception {
    ReportFiles.write(report(), directory);
    String page = Files.readString(directory.resolve("report.html"));
    assertThat(page)
        .contains("const report = {", "no\"")
        .doesNotContain("/*figures*/", "</script><b>", "src=", "http://localhost", "https://");
  }

  @Test
  void otherFiles_areRefusedByName() throws Exception {
    for (String content :
        List.of("", "{", "[]", "null", "{}", "{\"schema\":2}", "{\"schema\":1,\"workloads\":[]}")) {
      Path file = Files.writeString(directory.resolve("other.json"), content);
      assertThatThrownBy(() -> ReportFiles.read(file))
          .as(content)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("other.json");
    }
  }

  @Test
  void difference_isOfWhatBothHave_andKnowsNoise() {
    Report one =
        report(
            new Report.Row("walk", List.of(figure("kernel", 1.0, 1.0, 1.0), figure("gone", 1.0))),
            new Report.Row("write", List.of(figure("kernel", 1.0, 2.0, 1.5))));
    Report other =
        report(
            new Report.Row("walk", List.of(figure("kernel", 2.0, 2.0, 2.0))),
            new Report.Row("write", List.of(figure("kernel", 1.0, 2.0, 1.6))));
    assertThat(Difference.of(one, other))
        .extracting(Difference.Line::workload, Difference.Line::system, Difference.Line::noise)
        .containsExactly(
            tuple("walk", "kernel", false),
            tuple("write", "kernel", true),
            tuple("first write, 4096 bytes, ext4", "kernel", true));
    assertThat(Difference.of(one, other).get(0).ratio()).isEqualTo(2);
  }
}
