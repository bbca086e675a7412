package dev.lamina.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Names that come, move and go, and images that go with their last one. */
@RequiresKernelOverlay
final class ImageTagsTest {
  private MountScratch scratch;
  private StoreFixture fixture;
  private ImageStore store;

  @BeforeEach
  void openStore(MountScratch fresh) throws IOException {
    scratch = fresh;
    fixture = new StoreFixture(fresh);
    store = fixture.open();
  }

  private static ImageBuilder builder(String content) {
    return new ImageBuilder()
        .layer(new TarBuilder().file("base", "shared"))
        .layer(new TarBuilder().file("own", content));
  }

  private StoredImage image(String content, String name) throws IOException {
    Path archive = scratch.fresh("archive").resolve("i.tar");
    return fixture.unpack(builder(content).writeDockerArchive(archive, name).toString());
  }

  private static ImageName name(String text) throws ImageException {
    return ImageName.parse(text);
  }

  private static void assertKind(ImageException.Kind kind, ThrowingRemoval removal) {
    assertThatThrownBy(removal::run)
        .asInstanceOf(InstanceOfAssertFactories.type(ImageException.class))
        .extracting(ImageException::kind)
        .isEqualTo(kind);
  }

  private interface ThrowingRemoval {
    void run() throws IOException;
  }

  private List<String> names(StoredImage image) throws IOException {
    return store.find(image.id().toString()).orElseThrow().names().stream()
        .map(ImageName::toString)
        .toList();
  }

  @Test
  void tag_givesMoreNames_andMovesThose() throws IOException {
    StoredImage one = image("1", "localhost/a:v1");
    StoredImage two = image("2", "localhost/b:v1");
    store.tag("a:v1", name("example.org/c"));
    store.tag(one.id().hex().substring(0, 10), name("c:2"));
    assertThat(names(one)).containsExactly("c:2", "example.org/c:latest", "localhost/a:v1");
    store.tag("b:v1", name("c:2"));
    assertThat(names(one)).doesNotContain("c:2");
    assertThat(store.find("c:2")).map(StoredImage::id).contains(two.id());
    assertKind(ImageException.Kind.NOT_FOUND, () -> store.tag("nobody", name("x")));
  }

  @Test
  void image_isFoundByEveryDigest() throws IOException {
    ImageBuilder builder = builder("1");
    StoredImage image = fixture.unpack(builder);
    String manifest = builder.manifestDigest();
    for (String text : List.of(manifest, "@" + manifest, "any/thing@" + manifest, builder.id())) {
      assertThat(store.find(text)).as(text).map(StoredImage::id).contains(image.id());
    }
    assertThat(store.find("x@sha256:" + "0".repeat(64))).isEmpty();
    assertThat(store.find("x@" + manifest.substring(0, 20))).isEmpty();
  }

  @Test
  void imageOfAnIndex_isFoundByTheIndexToo_andShownWithIt() throws IOException {
    Path layout =
        ImageBuilder.write(
            scratch.fresh("index"),
            ImageBuilder.nestedIndex(
                "v1",
                List.of(
                    builder("1").platform("linux", "amd64"),
                    builder("2").platform("linux", "arm64"))));
    StoredImage image = fixture.unpack("oci:" + layout + ":v1");
    ImageName name = image.names().get(0);
    String index = image.digests().get(name).toString();
    assertThat(image.manifests()).doesNotContain(image.digests().get(name));
    assertThat(store.find("x@" + index)).map(StoredImage::id).contains(image.id());
    assertThat(store.find("x@" + index).orElseThrow().manifests()).isEqualTo(image.manifests());
  }

  @Test
  void untag_takesNamesAway_andLeavesTheImage() throws IOException {
    StoredImage image = image("1", "localhost/a:v1");
    store.tag("a:v1", name("b"));
    assertThat(store.untag("a:v1", List.of(name("b")))).hasToString("[b:latest]");
    assertKind(ImageException.Kind.NOT_FOUND, () -> store.untag("a:v1", List.of(name("b"))));
    assertThat(store.untag("a:v1", List.of())).hasToString("[localhost/a:v1]");
    assertThat(names(image)).isEmpty();
    assertThat(store.images()).hasSize(1);
  }

  @Test
  void remove_takesTheName_andWithTheLastOneTheImageAndWhatOnlyItHas() throws IOException {
    StoredImage one = image("1", "localhost/a:v1");
    StoredImage two = image("2", "localhost/b:v1");
    store.tag("a:v1", name("c"));
    Removal first = store.remove("c", false, ImageUsers.NONE);
    assertThat(first.untagged()).hasToString("[c:latest]");
    assertThat(first.image()).isEmpty();
    Removal last = store.remove("a:v1", false, ImageUsers.NONE);
    assertThat(last.untagged()).hasToString("[localhost/a:v1]");
    assertThat(last.image()).contains(one.id());
    assertThat(last.layers()).containsExactly(one.layers().get(0).key());
    assertThat(store.images()).extracting(StoredImage::id).containsExactly(two.id());
    assertThat(fixture.list("layers/sha256")).hasSize(2);
    assertThat(fixture.list("tmp")).isEmpty();
    store.remove(two.id().hex(), false, ImageUsers.NONE);
    fixture.assertThatStoreIsEmpty();
  }

  @Test
  void remove_byIdOfAnImageWithSeveralNames_needsForce() throws IOException {
    StoredImage image = image("1", "localhost/a:v1");
    store.tag("a:v1", name("b"));
    String id = image.id().toString();
    assertKind(ImageException.Kind.IN_USE, () -> store.remove(id, false, ImageUsers.NONE));
    assertThat(store.remove(id, true, ImageUsers.NONE).untagged()).hasSize(2);
    fixture.assertThatStoreIsEmpty();
  }

  @Test
  void remove_ofAnImageUnderAContainer_isRefused_andForcedHidesItUntilTheContainerIsGone()
      throws IOException {
    StoredImage image = image("1", "localhost/a:v1");
    ImageUsers web = () -> List.of(new ImageUsers.User("container web", image.id(), false));
    assertThatThrownBy(() -> store.remove("a:v1", false, web))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("container web");
    assertThat(names(image)).isNotEmpty();
    Removal forced = store.remove("a:v1", true, web);
    assertThat(forced.image()).contains(image.id());
    assertThat(store.images()).isEmpty();
    assertThat(store.collectGarbage(true, false, web).items()).isEmpty();
    assertThat(store.find(image.id().toString())).isPresent();
    store.collectGarbage(false, false, ImageUsers.NONE);
    fixture.assertThatStoreIsEmpty();
  }

  @Test
  void removedImageThatIsUnpackedAgain_isThereAgain() throws IOException {
    StoredImage image = image("1", "localhost/a:v1");
    ImageUsers web = () -> List.of(new ImageUsers.User("container web", image.id(), false));
    store.remove("a:v1", true, web);
    image("1", "localhost/a:v1");
    assertThat(store.images()).hasSize(1);
    assertThat(store.collectGarbage(true, false, ImageUsers.NONE).items()).isEmpty();
  }

  @Test
  void heldImage_isNotTaken_untilTheHoldEnds() throws IOException {
    StoredImage image = image("1", "localhost/a:v1");
    try (ImageHold hold = store.hold(image)) {
      assertThat(hold).isNotNull();
      assertKind(ImageException.Kind.IN_USE, () -> store.remove("a:v1", false, ImageUsers.NONE));
      store.untag("a:v1", List.of());
      assertThat(store.collectGarbage(true, false, ImageUsers.NONE).items()).isEmpty();
    }
    assertThat(store.collectGarbage(true, false, ImageUsers.NONE).items()).isNotEmpty();
    assertKind(ImageException.Kind.NOT_FOUND, () -> store.hold(image).close());
    fixture.assertThatStoreIsEmpty();
  }
}
