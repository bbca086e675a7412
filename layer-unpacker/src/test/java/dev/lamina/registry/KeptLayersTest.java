package dev.lamina.registry;

import static dev.lamina.registry.Client.name;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.registry.TestRegistry;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.store.BlobPolicy;
import dev.lamina.store.ImageStore;
import dev.lamina.store.ImageUsers;
import dev.lamina.store.ProgressListener;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A pull that fails keeps the large layers that were complete, for the next one. */
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class KeptLayersTest {
  @TempDir private Path home;

  private final byte[] data = new byte[2 << 20];
  private ImageBuilder image;
  private TestRegistry registry;
  private ImageStore store;

  @BeforeEach
  void start() throws IOException {
    new Random(1).nextBytes(data);
    image =
        new ImageBuilder()
            .layer(new TarBuilder().file("large", data))
            .layer(new TarBuilder().file("small", "1"))
            .layer(new TarBuilder().file("missing", "2"));
    registry = TestRegistry.start().add("team/app", "v1", image);
    store = ImageStore.open(home.resolve("store"));
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private ImageSource open() throws IOException {
    return new Client(home).registries().open(name(registry, "team/app:v1"), Client.AMD64);
  }

  private StoredImage pull() throws IOException {
    try (ImageSource source = open()) {
      return store.unpack(source, BlobPolicy.KEEP, ProgressListener.NONE);
    }
  }

  private List<Digest> blobs() throws IOException {
    try (ImageSource source = open()) {
      return source.layers().stream().map(LayerBlob::digest).map(d -> d.orElseThrow()).toList();
    }
  }

  private long downloads(Digest blob) {
    return registry.count("GET", "/blobs/" + blob);
  }

  @Test
  void nextPull_fetchesOnlyWhatIsMissing() throws IOException {
    List<Digest> blobs = blobs();
    registry.removeBlob("team/app", blobs.get(2).toString());
    Client.refusal(this::pull);
    assertThat(downloads(blobs.get(0))).isEqualTo(1);
    assertThat(store.images()).isEmpty();

    registry.add("team/app", "v1", image).forgetWhatWasSeen();
    StoredImage pulled = pull();
    assertThat(downloads(blobs.get(0))).as("the large layer").isZero();
    assertThat(downloads(blobs.get(1))).as("a small one").isEqualTo(1);
    assertThat(downloads(blobs.get(2))).as("the missing one").isEqualTo(1);
    assertThat(pulled.layers().get(2).tree().resolve("large")).hasBinaryContent(data);
    assertThat(store.verify(line -> {}).findings()).isEmpty();
  }

  @Test
  void layerThatNobodyAsksForAgain_isGarbage() throws IOException {
    registry.removeBlob("team/app", blobs().get(2).toString());
    ImageException refusal = Client.refusal(this::pull);
    assertThat(refusal.kind()).isEqualTo(ImageException.Kind.NOT_FOUND);
    assertThat(store.collectGarbage(false, false, ImageUsers.NONE).bytes())
        .isGreaterThan(data.length);
    assertThat(home.resolve("store/layers/sha256")).isEmptyDirectory();
    assertThat(home.resolve("store/blobs/sha256")).isEmptyDirectory();
  }
}
