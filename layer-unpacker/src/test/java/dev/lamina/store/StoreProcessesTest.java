package dev.lamina.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several processes at once: nobody loses a layer to another one's garbage collector. */
@RequiresKernelOverlay
final class StoreProcessesTest {
  private static final int ROUNDS = 60;
  private static final int KILLS = 12;

  private final List<Process> processes = new ArrayList<>();
  private MountScratch scratch;
  private StoreFixture store;

  @BeforeEach
  void openStore(MountScratch fresh) {
    scratch = fresh.limitedTo(Duration.ofMinutes(5));
    store = new StoreFixture(fresh);
  }

  @AfterEach
  void endProcesses() {
    processes.forEach(Process::destroyForcibly);
  }

  private String image(String content) throws IOException {
    ImageBuilder image =
        new ImageBuilder()
            .layer(new TarBuilder().dir("d").file("d/f", "shared by all"))
            .layer(new TarBuilder().file("e", "shared too"))
            .layer(new TarBuilder().file("own", content));
    return "oci:" + image.writeOci(scratch.fresh(content), "v1");
  }

  private Process start(String what, String image) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            StoreChurn.class.getName(),
            store.root().toString(),
            what,
            image);
    Process process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    processes.add(process);
    assertThat(line(process)).isEqualTo("ready");
    return process;
  }

  private static String line(Process process) throws IOException {
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    return out.readLine();
  }

  private static void end(Process process) throws Exception {
    assertThat(process.isAlive()).as("another process has failed, see its messages").isTrue();
    process.getOutputStream().write('\n');
    process.getOutputStream().close();
    assertThat(Long.parseLong(line(process))).as("rounds of another process").isPositive();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void unpackingBesideCollectors_losesNoLayer() throws Exception {
    String mine = image("mine");
    List<Process> others = List.of(start("collect", mine), start("come-and-go", image("another")));
    ImageStore open = store.open();
    for (int i = 0; i < ROUNDS; i++) {
      StoredImage image = store.unpack(mine);
      try (ImageHold hold = open.hold(image)) {
        assertThat(hold).isNotNull();
        for (Path lower : image.lowers()) {
          assertThat(Files.isDirectory(lower)).as("round %d: %s", i, lower).isTrue();
        }
        try (StoredImageSource source = open.source(image)) {
          assertThat(source.isComplete()).as("round %d", i).isTrue();
        }
      }
      open.remove(image.names().get(0).toString(), true, ImageUsers.NONE);
    }
    for (Process other : others) {
      end(other);
    }
    store.open().collectGarbage(true, false, ImageUsers.NONE);
    store.assertThatStoreIsEmpty();
  }

  @Test
  void processesKilledAnywhere_leaveAStoreInOrder() throws Exception {
    StoredImage kept = store.unpack(image("kept"));
    String other = image("another");
    for (int i = 0; i < KILLS; i++) {
      Process churn = start("come-and-go", other);
      Thread.sleep(7L * i);
      churn.destroyForcibly().waitFor();
      ImageStore open = store.open();
      assertThat(open.verify(what -> {}).findings()).as("kill %d", i).isEmpty();
      assertThat(open.images()).as("kill %d", i).contains(kept);
      assertThat(store.list("tmp")).as("kill %d", i).isEmpty();
    }
    store.open().collectGarbage(true, false, ImageUsers.NONE);
    assertThat(store.open().images()).containsExactly(kept);
    assertThat(store.list("layers/sha256")).hasSize(3);
    assertThat(store.list("blobs/sha256")).hasSize(3);
  }
}
