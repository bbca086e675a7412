package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.fixtures.mount.MountScratch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code lamina bench} from data to table, on data that is too small to mean anything. */
final class BenchIT extends EndToEnd {
  /** It mounts often: a second each on a loaded machine. */
  private static final Duration LIMIT = Duration.ofMinutes(14);

  @Test
  @Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void bench_comparesSystems_tellsAndLeavesNothingElse(MountScratch scratch) throws Exception {
    Path place = scratch.limitedTo(LIMIT).directory("place");
    Path written = scratch.root().resolve("written/here");
    CommandResult bench =
        Launcher.withRoot(scratch.root().resolve("unused"))
            .startLamina(
                "bench",
                "--smoke",
                "--systems",
                "kernel,lamina,lamina:passthrough=off",
                "--dir",
                place,
                "-o",
                written)
            .await(LIMIT)
            .succeeds();
    assertThat(bench.out().lines().findFirst())
        .hasValueSatisfying(
            header ->
                assertThat(header.split("  +"))
                    .containsExactly("workload", "kernel (s)", "lamina", "lamina:passthrough=off"));
    assertThat(bench.out())
        .contains("first walk", "untar", "rm -rf of a lower tree")
        .contains("First write of 4 KiB on ext4", "shares blocks", "containers")
        .doesNotContain("fails");
    assertThat(place).isEmptyDirectory();

    JsonNode results = new ObjectMapper().readTree(written.resolve("results.json").toFile());
    assertThat(results.at("/host/kernel").asText()).isEqualTo(System.getProperty("os.version"));
    assertThat(results.at("/workloads")).hasSizeGreaterThan(15);
    for (JsonNode curve : results.at("/curves")) {
      for (JsonNode at : curve.at("/places")) {
        assertThat(at.at("/medianSeconds").asDouble()).as(at.toString()).isPositive();
      }
    }
    assertThat(copied(results, "ext4", 64 << 10))
        .as("a file that shares no blocks is copied")
        .allSatisfy(bytes -> assertThat(bytes).isBetween(64L << 10, 512L << 10));
    assertThat(written.resolve("report.html")).content().contains("\"first walk\"");

    Path json = written.resolve("results.json");
    CommandResult same = compare(scratch, json, json).succeeds();
    assertThat(same.out())
        .contains("first walk", "(x1.00)", "first write, 65536 bytes, ext4")
        .doesNotContain("Not the same");
    assertThat(compare(scratch, json, written.resolve("report.html")).exits(1).message())
        .contains("report.html is not a result of lamina bench");
  }

  private static CommandResult compare(MountScratch scratch, Path one, Path other)
      throws Exception {
    return Launcher.withRoot(scratch.root()).lamina("bench", "compare", one, other);
  }

  private static List<Long> copied(JsonNode results, String fileSystem, long size) {
    List<Long> bytes = new ArrayList<>();
    for (JsonNode curve : results.at("/curves")) {
      if (curve.at("/fileSystem").asText().equals(fileSystem)
          && curve.at("/unit").asText().equals("bytes")) {
        for (JsonNode at : curve.at("/places")) {
          if (at.at("/at").asLong() == size) {
            bytes.add(at.at("/medianBytes").asLong());
          }
        }
      }
    }
    assertThat(bytes).isNotEmpty();
    return bytes;
  }

  @Test
  void bench_ofAnImage_usesItsLayers(MountScratch scratch) throws Exception {
    HostImage.build(scratch.directory("images"));
    Path place = scratch.directory("place");
    String ioUring = hostsIoUring();
    CommandResult bench =
        Launcher.withRoot(scratch.root().resolve("state"))
            .lamina(
                "bench",
                "--smoke",
                "--systems",
                "lamina,lamina:io_uring=on",
                "--image",
                scratch.root().resolve("images/image"),
                "--no-curves",
                "--dir",
                place,
                "-o",
                scratch.root().resolve("written"))
            .succeeds();
    assertThat(bench.out()).contains("read all files, first").doesNotContain("fails");
    assertThat(place).isEmptyDirectory();
    assertThat(hostsIoUring()).as("the host's switch is as it was").isEqualTo(ioUring);
  }

  private static String hostsIoUring() throws Exception {
    return Launcher.sh("cat /sys/module/fuse/parameters/enable_uring || true").succeeds().out();
  }

  @Test
  void bench_ofManyLayers_knowsMemoryToo(MountScratch scratch) throws Exception {
    Path place = scratch.directory("place");
    CommandResult bench =
        Launcher.withRoot(scratch.root())
            .lamina(
                "bench",
                "--smoke",
                "--large",
                "--systems",
                "kernel,lamina",
                "--dir",
                place,
                "-o",
                scratch.root().resolve("written"))
            .succeeds();
    assertThat(bench.out())
        .contains("mount", "memory of kernel and server")
        .doesNotContain("fails");
    assertThat(place).isEmptyDirectory();
  }

  @Test
  void bench_ofAnUnknownSystem_isAnErrorOfUse(MountScratch scratch) throws Exception {
    assertThat(
            Launcher.withRoot(scratch.root())
                .lamina("bench", "--systems", "aufs")
                .exits(2)
                .message())
        .contains("aufs: no such system");
  }
}
