package dev.lamina.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Trees;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is garbage and what is not, and what there is of everything. */
@RequiresKernelOverlay
final class GarbageCollectorTest {
  private StoreFixture fixture;
  private ImageStore store;

  @BeforeEach
  void openStore(MountScratch scratch) throws IOException {
    fixture = new StoreFixture(scratch);
    store = fixture.open();
  }

  private StoredImage image(String content) throws IOException {
    return fixture.unpack(
        new ImageBuilder()
            .layer(new TarBuilder().file("base", "shared"))
            .layer(new TarBuilder().file("own", content)));
  }

  private Garbage collect() throws IOException {
    return store.collectGarbage(false, false, ImageUsers.NONE);
  }

  @Test
  void storeInOrder_hasNoGarbage() throws IOException {
    image("1");
    assertThat(collect().items()).isEmpty();
    assertThat(store.verify(what -> {}).isClean()).isTrue();
  }

  @Test
  void layerWhoseDiffIdIsSha512_isALayerLikeAnyOther() throws IOException {
    TarBuilder tar = new TarBuilder().file("base", "shared");
    String diffId = "sha512:" + Hashing.sha512().hashBytes(tar.bytes());
    StoredImage image = fixture.unpack(new ImageBuilder().layer(tar).diffId(diffId));
    assertThat(image.layers().get(0).diffId()).hasToString(diffId);
    assertThat(collect().items()).isEmpty();
    assertThat(store.verify(what -> {}).isClean()).isTrue();
    assertThat(store.usage(ImageUsers.NONE).layers().count()).isEqualTo(1);
    assertThat(fixture.unpack(new ImageBuilder().layer(tar).diffId(diffId)).layers())
        .isEqualTo(image.layers());
    store.remove(image.id().toString(), true, ImageUsers.NONE);
    fixture.assertThatStoreIsEmpty();
  }

  @Test
  void whatIsNoLayer_amongTheLayers_isLeftAlone() throws IOException {
    image("1");
    Files.createDirectory(fixture.root().resolve("layers/sha256/somebodys-own"));
    assertThat(collect().items()).isEmpty();
    assertThat(store.verify(what -> {}).isClean()).isTrue();
  }

  @Test
  void imageWithoutName_isGarbageOnlyIfAskedFor() throws IOException {
    StoredImage image = image("1");
    store.untag(image.id().toString(), List.of());
    assertThat(collect().items()).isEmpty();
    Garbage would = store.collectGarbage(true, true, ImageUsers.NONE);
    assertThat(would.items()).hasSize(5);
    assertThat(store.images()).hasSize(1);
    assertThat(store.collectGarbage(true, false, ImageUsers.NONE)).isEqualTo(would);
    fixture.assertThatStoreIsEmpty();
  }

  /** What a removal leaves that died after its first step: the image is gone, nothing else. */
  @Test
  void layersAndBlobsOfAnImageThatIsGone_areGarbage_sharedOnesAreNot() throws IOException {
    StoredImage one = image("1");
    StoredImage two = image("2");
    store.untag(one.id().toString(), List.of());
    Trees.delete(one.configFile().getParent());
    Garbage garbage = collect();
    assertThat(garbage.items())
        .extracting(Garbage.Item::kind)
        .containsExactlyInAnyOrder(Garbage.Kind.LAYER, Garbage.Kind.BLOB);
    assertThat(garbage.bytes()).isPositive();
    assertThat(store.find(two.id().toString())).isPresent();
    assertThat(store.verify(what -> {}).isClean()).isTrue();
    assertThat(fixture.list("layers/sha256")).hasSize(2);
  }

  @Test
  void whatALivingProcessPinned_isNoGarbage() throws IOException {
    StoredImage image = image("1");
    Digest layer = image.layers().get(0).key();
    Digest blob = image.layers().get(0).blob().orElseThrow().digest();
    store.untag(image.id().toString(), List.of());
    Trees.delete(image.configFile().getParent());
    try (Staging staging = Staging.create(fixture.root().resolve("tmp"))) {
      staging.pin(new Pin(Pin.Kind.LAYER, layer));
      assertThat(collect().items()).hasSize(2);
      assertThat(fixture.list("layers/sha256")).containsExactly(layer.hex());
      assertThat(fixture.list("blobs/sha256")).containsExactly(blob.hex());
    }
    collect();
    fixture.assertThatStoreIsEmpty();
  }

  @Test
  void pinOfADeadProcess_endsWithTheNextOpen() throws IOException {
    StoredImage image = image("1");
    store.untag(image.id().toString(), List.of());
    Trees.delete(image.configFile().getParent());
    Path dead = Files.createDirectory(fixture.root().resolve("tmp/dead"));
    Pin pin = new Pin(Pin.Kind.LAYER, image.layers().get(0).key());
    Files.createFile(dead.resolve(pin.fileName()));
    fixture.open().collectGarbage(false, false, ImageUsers.NONE);
    fixture.assertThatStoreIsEmpty();
  }

  @Test
  void usage_countsSharedLayersOnce_andWhatCouldGo() throws IOException {
    StoredImage one = image("1");
    StoredImage two = image("2");
    ImageUsers web = () -> List.of(new ImageUsers.User("container web", two.id(), true));
    StoreUsage usage = store.usage(web);
    long layers = one.bytes() + two.layers().get(0).bytes();
    assertThat(usage.images())
        .isEqualTo(new StoreUsage.Row(2, 1, layers, one.layers().get(0).bytes()));
    assertThat(usage.layers()).isEqualTo(new StoreUsage.Row(3, 3, layers, 0));
    assertThat(usage.blobs().count()).isEqualTo(3);
    assertThat(usage.blobs().reclaimable()).isZero();
    Trees.delete(one.configFile().getParent());
    StoreUsage after = store.usage(web);
    assertThat(after.layers().reclaimable()).isEqualTo(one.layers().get(0).bytes());
    assertThat(after.blobs().reclaimable())
        .isEqualTo(one.layers().get(0).blob().orElseThrow().size());
  }

  @Test
  void nameOfTheImage_movesToAnother_andTheOldOneStaysUntilItIsCollected() throws IOException {
    StoredImage one = image("1");
    StoredImage two = image("2");
    ImageName name = ImageName.parse("a:v1");
    store.tag(one.id().toString(), name);
    store.tag(two.id().toString(), name);
    store.untag(one.id().toString(), List.of());
    store.collectGarbage(true, false, ImageUsers.NONE);
    assertThat(store.images()).extracting(StoredImage::id).containsExactly(two.id());
  }
}
