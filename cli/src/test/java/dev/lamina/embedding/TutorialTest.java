package dev.lamina.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.commit.ContainerCommit;
import dev.lamina.docs.Document;
import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.registry.TestRegistry;
import dev.lamina.fuse.FuseMount;
import dev.lamina.fuse.metrics.MountMetrics;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageName;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageSources;
import dev.lamina.image.Platform;
import dev.lamina.nio.LaminaFileSystem;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayMetrics;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.event.OverlayListener;
import dev.lamina.overlay.event.Promotion;
import dev.lamina.overlay.event.PromotionKind;
import dev.lamina.registry.Environment;
import dev.lamina.registry.PushListener;
import dev.lamina.registry.Registries;
import dev.lamina.registry.RegistryOptions;
import dev.lamina.save.ImageSave;
import dev.lamina.store.ImageHold;
import dev.lamina.store.ImageStack;
import dev.lamina.store.ImageStore;
import dev.lamina.store.ProgressListener;
import dev.lamina.store.ScratchDirectory;
import dev.lamina.store.StoredImage;
import dev.lamina.store.StoredImageSource;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Java in the documents, run: the libraries alone, without the command. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class TutorialTest {
  private static final List<Path> EXAMPLES =
      List.of(
          Path.of("src/test/java/dev/lamina/embedding/TutorialTest.java"),
          Path.of("../nio/src/test/java/dev/lamina/nio/ExamplesTest.java"));

  @Test
  @RequiresFuse
  @SuppressWarnings("try") // The hold is held, not used.
  void fromAnImageToAChangedOne(MountScratch scratch) throws Exception {
    TarBuilder layer =
        new TarBuilder().dir("etc").file("etc/motd", "welcome\n").file("etc/issue", "demo\n");
    Path oci = new ImageBuilder().layer(layer).writeOci(scratch.root().resolve("oci"), "v1");
    String reference = "oci:" + oci + ":v1";
    Path root = scratch.root().resolve("store");
    Path container = scratch.directory("container");
    Path mountPoint = scratch.directory("mnt");
    Path layout = scratch.root().resolve("layout");

    // example: unpack
    ImageStore store = ImageStore.open(root);
    StoredImage image;
    try (ImageSource source = ImageSources.open(reference, Platform.host())) {
      image = store.unpack(source, ProgressListener.NONE);
    }
    // end
    // example: listen
    List<String> copied = new CopyOnWriteArrayList<>();
    List<String> hidden = new CopyOnWriteArrayList<>();
    OverlayListener listener =
        new OverlayListener() {
          @Override
          public void promotionFinished(
              Promotion promotion, PromotionKind kind, long bytes, long nanos) {
            copied.add(promotion.path() + " " + bytes);
          }

          @Override
          public void whiteoutMade(String path) {
            hidden.add(path);
          }
        };
    // end
    // example: mount
    Path upper = Files.createDirectories(container.resolve("upper"));
    Path work = Files.createDirectories(container.resolve("work"));
    store.prepareUpper(image, upper);
    OverlayOptions stack = ImageStack.writable(image, upper, work).listener(listener).build();
    try (ImageHold hold = store.hold(image);
        Overlay overlay = Overlay.open(stack);
        FuseMount mount = FuseMount.of(overlay.inodes()).on(mountPoint).mount()) {
      Process program =
          new ProcessBuilder("sh", "-ec", "echo hello >>etc/motd; rm etc/issue")
              .directory(mountPoint.toFile())
              .start();
      assertThat(program.waitFor()).isZero();

      MountMetrics server = mount.metrics();
      assertThat(server.requests().get("UNLINK").count()).isEqualTo(1);
      assertThat(server.allRequests().quantileMicros(0.5)).isPositive();
      OverlayMetrics union = overlay.metrics();
      assertThat(union.whiteouts()).isEqualTo(1);
    }
    assertThat(copied).containsExactly("/etc 0", "/etc/motd 8");
    assertThat(hidden).containsExactly("/etc/issue");
    // end
    // example: commit
    ImageName name = ImageName.parse("localhost/demo:v2");
    StoredImage changed =
        ContainerCommit.of("echo hello >>etc/motd; rm etc/issue")
            .run(store, image, stack, List.of(name), ProgressListener.NONE);
    // end
    assertThat(changed.layers()).hasSize(2);
    try (TestRegistry server = TestRegistry.start()) {
      String registry = server.host();
      // example: push
      Registries registries = new Registries(RegistryOptions.of(Environment.ofProcess()));
      try (ImageSource source = store.source(changed);
          ScratchDirectory scratchSpace = store.scratch()) {
        Digest digest =
            registries.push(
                source, registry + "/demo:v2", List.of(), scratchSpace.path(), PushListener.NONE);
        assertThat(changed.manifests()).contains(digest);
      }
      // end
      try (ImageSource pushed = registries.open(registry + "/demo:v2", Platform.host())) {
        assertThat(pushed.id()).isEqualTo(changed.id());
      }
    }
    // example: save
    try (StoredImageSource source = store.source(changed)) {
      ImageSave.toLayout(source, layout, Optional.of("v2"), (index, diffId) -> {});
    }
    // end
    try (FileSystem fs = LaminaFileSystem.builder().archive("oci:" + layout + ":v2").open()) {
      assertThat(fs.getPath("/etc/motd")).hasContent("welcome\nhello\n");
      assertThat(fs.getPath("/etc/issue")).doesNotExist();
    }
  }

  @Test
  @RequiresFuse
  void aUnionMountedByAProgram(MountScratch scratch) throws Exception {
    Path top = scratch.directory("top");
    Path base = scratch.directory("base");
    Path upper = scratch.directory("upper");
    Path work = scratch.directory("work");
    Path mountPoint = scratch.directory("mnt");
    Files.createDirectory(base.resolve("etc"));
    FutureTask<String> other = new FutureTask<>(() -> readAndUnmount(mountPoint));
    new Thread(other, "another program").start();

    // example: readme
    OverlayOptions options =
        OverlayOptions.builder().addLower(top).addLower(base).writable(upper, work).build();
    try (Overlay overlay = Overlay.open(options)) {
      overlay.paths().write("/etc/motd", "hello\n".getBytes(UTF_8)); // in the process, unmounted
      try (FuseMount mount = FuseMount.of(overlay.inodes()).on(mountPoint).mount()) {
        mount.awaitUnmount(); // programs use it meanwhile
      }
    }
    // end
    assertThat(other.get()).isEqualTo("hello\n");
    assertThat(upper.resolve("etc/motd")).hasContent("hello\n");
  }

  /** Waits for the mount, for as long as the test may run. */
  private static String readAndUnmount(Path mountPoint) throws Exception {
    String script = "until mountpoint -q $1; do sleep 0.05; done; cat $1/etc/motd; umount $1";
    Process program =
        new ProcessBuilder("timeout", "250", "sh", "-c", script, "sh", mountPoint.toString())
            .start();
    String output = new String(program.getInputStream().readAllBytes(), UTF_8);
    assertThat(program.waitFor()).isZero();
    return output;
  }

  @Test
  void theDocumentsShowWhatIsRun_andNothingElse() throws Exception {
    List<String> run = new ArrayList<>();
    for (Path test : EXAMPLES) {
      String source = Files.readString(test);
      for (String code : matches(source, "(?s)\n *// example: [a-z]+\n(.*?)\n *// end(?=\n)")) {
        run.add(code.stripIndent() + "\n");
      }
    }
    assertThat(Document.allBlocks())
        .filteredOn(block -> block.language().equals("java"))
        .extracting(Document.Piece::text)
        .containsExactlyInAnyOrderElementsOf(run);
  }

  private static List<String> matches(String text, String pattern) {
    List<String> found = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
