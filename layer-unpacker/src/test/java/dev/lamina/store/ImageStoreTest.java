package dev.lamina.store;

import static dev.lamina.fixtures.tree.TreeSnapshotAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageSources;
import dev.lamina.image.LayerBlob;
import dev.lamina.image.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sharing, atomicity, names, and several users of one store. */
@RequiresKernelOverlay
final class ImageStoreTest {
  private static final TarBuilder BASE = new TarBuilder().dir("d").file("d/f", "base");

  private MountScratch scratch;
  private StoreFixture store;

  @BeforeEach
  void openStore(MountScratch fresh) {
    scratch = fresh;
    store = new StoreFixture(fresh);
  }

  private static ImageBuilder image(String content) {
    return new ImageBuilder()
        .layer(BASE)
        .layer(new TarBuilder().file("x", content))
        .layer(new TarBuilder().dir("d").whiteout("d/f"));
  }

  @Test
  void imagesThatShareLayers_keepThemOnce() throws IOException {
    StoredImage first = store.unpack(image("1"));
    StoredImage second = store.unpack(image("2"));
    assertThat(store.list("layers/sha256")).hasSize(4);
    assertThat(first.layers().get(2)).isEqualTo(second.layers().get(2));
    assertThat(first.layers().get(1)).isNotEqualTo(second.layers().get(1));
  }

  @Test
  void sharedLayers_areNotReadAgain() throws IOException {
    store.unpack(image("1"));
    Path layout = image("2").writeOci(scratch.fresh("image"), "v1");
    List<LayerBlob> shared = new ArrayList<>();
    List<LayerBlob> finished = new ArrayList<>();
    try (ImageSource source = ImageSources.open("oci:" + layout, Platform.host())) {
      store
          .open()
          .unpack(
              source,
              new ProgressListener() {
                @Override
                public synchronized void shared(LayerBlob layer) {
                  shared.add(layer);
                }

                @Override
                public void advanced(LayerBlob layer, long bytes) {
                  assertThat(bytes).isBetween(0L, layer.size());
                }

                @Override
                public synchronized void finished(LayerBlob layer) {
                  finished.add(layer);
                }
              });
      assertThat(shared).containsExactlyInAnyOrder(source.layers().get(0), source.layers().get(2));
      assertThat(finished).containsExactly(source.layers().get(1));
    }
  }

  @Test
  void progress_comesToTheSizeOfEachBlob_inSteps() throws IOException {
    byte[] noise = new byte[5 << 20];
    new Random(3).nextBytes(noise);
    Path layout =
        new ImageBuilder()
            .layer(BASE)
            .layer(new TarBuilder().file("noise", noise))
            .writeOci(scratch.fresh("image"), "v1");
    Map<LayerBlob, List<Long>> steps = new ConcurrentHashMap<>();
    ProgressListener noting =
        new ProgressListener() {
          @Override
          public void shared(LayerBlob layer) {}

          @Override
          public void advanced(LayerBlob layer, long bytes) {
            steps.computeIfAbsent(layer, l -> new CopyOnWriteArrayList<>()).add(bytes);
          }

          @Override
          public void finished(LayerBlob layer) {}
        };
    for (BlobPolicy policy : List.of(BlobPolicy.DROP, BlobPolicy.KEEP)) {
      try (ImageSource source = ImageSources.open("oci:" + layout, Platform.host())) {
        // The second time for the blobs alone, which the first time dropped.
        steps.clear();
        store.open().unpack(source, policy, noting);
        for (LayerBlob layer : source.layers()) {
          assertThat(steps.get(layer).stream().mapToLong(Long::longValue).sum())
              .isEqualTo(layer.size());
        }
        assertThat(steps.get(source.layers().get(1))).hasSizeGreaterThan(2);
      }
    }
  }

  @Test
  void directoryOfSomethingElse_isNoStore_andLeftAsItIs() throws IOException {
    Path home = scratch.directory("home");
    Files.writeString(home.resolve("letter"), "x");
    TreeSnapshot before = TreeSnapshot.of(home, Detail.EVERYTHING);
    assertThatThrownBy(() -> ImageStore.open(home))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining(home + " holds something else than a store: letter");
    assertThat(TreeSnapshot.of(home, Detail.EVERYTHING)).isSameTreeAs(before);
    // A filesystem of the store's own, and a store whose making was cut short.
    Path fresh = scratch.directory("fresh");
    Files.createDirectories(fresh.resolve("lost+found"));
    Files.createDirectories(fresh.resolve("layers"));
    assertThat(ImageStore.open(fresh).images()).isEmpty();
  }

  @Test
  void oneLayerTwiceInAnImage_isKeptOnce() throws IOException {
    StoredImage image = store.unpack(BASE, new TarBuilder().whiteout("d"), BASE);
    assertThat(image.layers()).hasSize(3);
    assertThat(image.layers().get(0)).isEqualTo(image.layers().get(2));
    assertThat(store.merged(image).nodes()).containsKey("d/f");
  }

  @Test
  void everySourceOfAnImage_givesTheSameTrees() throws IOException {
    ImageBuilder image = image("1");
    StoredImage oci = store.unpack(image);
    TreeSnapshot expected = store.merged(oci);
    Path docker = image.writeDockerArchive(scratch.root().resolve("d.tar"), "demo:v1");
    Path hybrid = image.writeHybridArchive(scratch.root().resolve("h.tar"), "demo:v1");
    Path archive = image.writeOciArchive(scratch.root().resolve("o.tar"), "v1");
    for (Path path : List.of(docker, hybrid, archive)) {
      StoreFixture other = new StoreFixture(scratch);
      dev.lamina.fixtures.tree.Trees.delete(other.root());
      StoredImage image2 = other.unpack(path.toString());
      assertThat(image2.id()).isEqualTo(oci.id());
      assertThat(other.merged(image2)).isSameTreeAs(expected);
    }
  }

  @Test
  void names_moveAndAreFound() throws IOException {
    Path first = image("1").writeDockerArchive(scratch.root().resolve("1.tar"), "localhost/a:v1");
    StoredImage one = store.unpack(first.toString());
    assertThat(one.names()).hasToString("[localhost/a:v1]");
    ImageStore open = store.open();
    for (String name :
        List.of("localhost/a:v1", "a:v1", one.id().toString(), one.id().hex().substring(0, 12))) {
      assertThat(open.find(name)).as(name).contains(one);
    }
    assertThat(open.find("a")).isEmpty();
    assertThat(open.find("a:v2")).isEmpty();
    Path second = image("2").writeDockerArchive(scratch.root().resolve("2.tar"), "localhost/a:v1");
    StoredImage two = store.unpack(second.toString());
    assertThat(open.find("a:v1")).contains(two);
    assertThat(open.find(one.id().toString()).orElseThrow().names()).isEmpty();
    assertThat(open.images()).extracting(StoredImage::id).containsExactly(two.id(), one.id());
  }

  @Test
  void leftoversOfDeadProcesses_areSweptAtOpen_butNotThoseOfLiveOnes() throws IOException {
    store.open();
    Path dead = Files.createDirectories(store.root().resolve("tmp/dead/layer-0/diff"));
    Files.writeString(dead.resolve("half"), "written");
    try (Staging live = Staging.create(store.root().resolve("tmp"))) {
      Files.writeString(live.path().resolve("half"), "written");
      store.open();
      assertThat(store.list("tmp")).containsExactly(live.path().getFileName().toString());
      assertThat(live.path().resolve("half")).exists();
    }
    assertThat(store.list("tmp")).isEmpty();
  }

  /** As the others see it who looked for a store a moment before the first had made it. */
  @Test
  void rootThatBecameAStoreMeanwhile_isFree() throws IOException {
    store.open();
    StoreLayout.requireFree(store.root());
  }

  @Test
  void manyThreadsUnpackingOneImage_allSucceed() throws Exception {
    Path layout = image("1").writeOci(scratch.fresh("image"), "v1");
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<StoredImage>> results = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        results.add(threads.submit(() -> store.unpack("oci:" + layout)));
      }
      StoredImage first = results.get(0).get(120, TimeUnit.SECONDS);
      for (Future<StoredImage> result : results) {
        assertThat(result.get(120, TimeUnit.SECONDS)).isEqualTo(first);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(store.list("tmp")).isEmpty();
    assertThat(store.list("layers/sha256")).hasSize(3);
  }

  @Test
  void interruptedUnpack_leavesNothing() throws Exception {
    TarBuilder large = new TarBuilder();
    byte[] noise = new byte[1 << 20];
    new Random(1).nextBytes(noise);
    for (int i = 0; i < 8; i++) {
      large.file("f" + i, noise);
    }
    Path layout =
        new ImageBuilder().layer(BASE).layer(large).writeOci(scratch.fresh("image"), "v1");
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch noticed = new CountDownLatch(1);
    AtomicReference<Throwable> outcome = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try (ImageSource source = ImageSources.open("oci:" + layout, Platform.host())) {
                store
                    .open()
                    .unpack(
                        source,
                        new ProgressListener() {
                          @Override
                          public void shared(LayerBlob layer) {}

                          @Override
                          public void advanced(LayerBlob layer, long bytes) {
                            begun.countDown();
                            // No layer is done before: whoever is slow, it is in the middle.
                            Uninterruptibles.awaitUninterruptibly(noticed);
                          }

                          @Override
                          public void finished(LayerBlob layer) {}
                        });
              } catch (IOException e) {
                outcome.set(e);
              }
            });
    thread.start();
    assertThat(begun.await(120, TimeUnit.SECONDS)).isTrue();
    thread.interrupt();
    while (thread.isInterrupted()) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    noticed.countDown();
    thread.join(120_000);
    assertThat(outcome.get())
        .isInstanceOfSatisfying(
            ImageException.class,
            e -> assertThat(e.kind()).isEqualTo(ImageException.Kind.INTERRUPTED));
    store.assertThatStoreIsEmpty();
  }

  @Test
  void imageWhoseLayerIsGone_isNoImage_andUnpackingRepairsIt() throws IOException {
    StoredImage image = store.unpack(image("1"));
    dev.lamina.fixtures.tree.Trees.delete(image.layers().get(0).tree().getParent());
    assertThat(store.open().images()).isEmpty();
    assertThat(store.unpack(image("1")).layers()).isEqualTo(image.layers());
    assertThat(store.open().images()).hasSize(1);
  }

  @Test
  void upper_takesTheRootsAttributes() throws IOException {
    StoredImage image =
        store.unpack(new TarBuilder().dir(".").mode(0711).owner(1, 2).mtime("9"), BASE);
    Path upper = scratch.directory("upper");
    store.open().prepareUpper(image, upper);
    TreeSnapshot root = TreeSnapshot.of(upper, Detail.EVERYTHING);
    assertThat(root.nodes().get(".").owner()).isEqualTo("1:2");
    assertThat(root.nodes().get(".").mtime()).isEqualTo("9.000000000");
    assertThat(root.nodes().get(".").mode()).isEqualTo(0040711);
  }

  @Test
  void storeOfAnotherFormat_isRefused() throws IOException {
    store.open();
    Files.writeString(store.root().resolve("store.json"), "{\"format\":3}");
    assertThatThrownBy(store::open).isInstanceOf(ImageException.class).hasMessageContaining("3");
  }
}
