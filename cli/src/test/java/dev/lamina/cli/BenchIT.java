package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code lamina bench} from data to table, on data that is too small to mean anything. */
final class BenchIT extends EndToEnd {
  @Test
  void bench_comparesSystems_andLeavesNothing(MountScratch scratch) throws Exception {
    Path place = scratch.directory("place");
    CommandResult bench =
        Launcher.withRoot(scratch.root().resolve("unused"))
            .lamina(
                "bench",
                "--smoke",
                "--systems",
                "kernel,lamina,lamina:passthrough=off",
                "--dir",
                place)
            .succeeds();
    assertThat(bench.out().lines().findFirst())
        .hasValueSatisfying(
            header ->
                assertThat(header.split("  +"))
                    .containsExactly("workload", "kernel (s)", "lamina", "lamina:passthrough=off"));
    assertThat(bench.out())
        .contains("first walk", "untar", "rm -rf of a lower tree")
        .doesNotContain("fails");
    assertThat(place).isEmptyDirectory();
  }

  @Test
  void bench_ofAnImage_usesItsLayers(MountScratch scratch) throws Exception {
    HostImage.build(scratch.directory("images"));
    Path place = scratch.directory("place");
    CommandResult bench =
        Launcher.withRoot(scratch.root().resolve("state"))
            .lamina(
                "bench",
                "--smoke",
                "--systems",
                "lamina",
                "--image",
                scratch.root().resolve("images/image"),
                "--dir",
                place)
            .succeeds();
    assertThat(bench.out()).contains("read all files, first").doesNotContain("fails");
    assertThat(place).isEmptyDirectory();
  }

  @Test
  void bench_ofManyLayers_knowsMemoryToo(MountScratch scratch) throws Exception {
    Path place = scratch.directory("place");
    CommandResult bench =
        Launcher.withRoot(scratch.root())
            .lamina("bench", "--smoke", "--large", "--systems", "kernel,lamina", "--dir", place)
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
