package dev.lamina.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.LayerBlob;
import dev.lamina.image.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of blobs, and what an image of the store gives to whoever copies it. */
@RequiresKernelOverlay
final class StoredBlobsTest {
  private MountScratch scratch;
  private StoreFixture store;

  @BeforeEach
  void openStore(MountScratch fresh) {
    scratch = fresh;
    store = new StoreFixture(fresh);
  }

  /** Everything that a stream may have: long names, links, holes in the numbers, odd padding. */
  private static byte[] variedTar() {
    byte[] noise = new byte[300_001];
    new Random(7).nextBytes(noise);
    return new TarBuilder()
        .dir("d")
        .file("d/empty", "")
        .file("d/noise", noise)
        .mtime("12.3456")
        .file("d/short", "long name")
        .pax("path", "d/" + "long".repeat(60))
        .hardLink("d/again", "d/noise")
        .symlink("to", "d")
        .file("to/through", "written through a link")
        .file("n\n", "odd")
        .whiteout("d/gone")
        .opaque("d")
        .fifo("pipe")
        .charDevice("null", 1, 3)
        .raw(new byte[20 * 512])
        .bytes();
  }

  private static byte[] sparseTar() {
    return new TarBuilder()
        .entry('0', "GNUSparseFile.0/holes", "")
        .rawPax(
            pax("GNU.sparse.major", "1")
                + pax("GNU.sparse.minor", "0")
                + pax("GNU.sparse.name", "holes")
                + pax("GNU.sparse.realsize", "1000000"))
        .data(sparseData())
        .file("after", "x")
        .bytes();
  }

  private static String pax(String key, String value) {
    int length = key.length() + value.length() + 3;
    int whole = length + Integer.toString(length).length();
    whole = length + Integer.toString(whole).length();
    return whole + " " + key + "=" + value + "\n";
  }

  /** A map of two regions in a block of its own, then their data. */
  private static byte[] sparseData() {
    byte[] data = new byte[512 + 7 + 5];
    byte[] map = "2\n4096\n7\n900000\n5\n".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(map, 0, data, 0, map.length);
    byte[] content = "region1and 2".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(content, 0, data, 512, 12);
    return data;
  }

  private StoredImageSource source(StoredImage image) throws IOException {
    return store.open().source(image);
  }

  private static byte[] read(StoredImageSource source, LayerBlob layer) throws IOException {
    try (InputStream in = source.openLayer(layer)) {
      return in.readAllBytes();
    }
  }

  private StoredImage unpack(ImageBuilder image, BlobPolicy policy) throws IOException {
    return store.unpack("oci:" + image.writeOci(scratch.fresh("image"), "v1"), policy);
  }

  @Test
  void unpackedImage_givesManifestConfigAndBlobsAsTheyCame() throws IOException {
    ImageBuilder builder = new ImageBuilder().layer(variedTar()).layer(sparseTar());
    Path layout = builder.writeOci(scratch.fresh("image"), "v1");
    StoredImage image = store.unpack("oci:" + layout);
    try (StoredImageSource source = source(image)) {
      assertThat(source.manifestDescriptor().digest()).hasToString(builder.manifestDigest());
      assertThat(source.manifestDescriptor().mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
      assertThat(source.id()).hasToString(builder.id());
      assertThat(source.isComplete()).isTrue();
      assertThat(source.complete()).isSameAs(source);
      for (LayerBlob layer : source.layers()) {
        byte[] blob = read(source, layer);
        assertThat(blob).hasSize((int) layer.size());
        assertThat(Digest.sha256(blob)).isEqualTo(layer.digest().orElseThrow());
      }
    }
    assertThat(store.list("blobs/sha256")).hasSize(2);
    assertThat(store.list("tmp")).isEmpty();
  }

  @Test
  void droppedBlobs_areRebuiltUncompressed_byteForByte() throws IOException {
    List<byte[]> tars = List.of(variedTar(), sparseTar());
    ImageBuilder builder = new ImageBuilder().layer(tars.get(0)).layer(tars.get(1));
    StoredImage image = unpack(builder, BlobPolicy.DROP);
    assertThat(store.list("blobs/sha256")).isEmpty();
    try (StoredImageSource source = source(image)) {
      assertThat(source.manifestDescriptor().digest()).hasToString(builder.manifestDigest());
      assertThat(source.isComplete()).isFalse();
      LayerBlob dropped = source.layers().get(0);
      assertThat(source.has(dropped)).isFalse();
      assertThatThrownBy(() -> source.openLayer(dropped))
          .isInstanceOf(ImageException.class)
          .hasMessageContaining("unpack the image again");
      StoredImageSource complete = source.complete();
      assertThat(complete.id()).isEqualTo(image.id());
      assertThat(complete.isComplete()).isTrue();
      assertThat(complete.manifestDescriptor()).isNotEqualTo(source.manifestDescriptor());
      for (int i = 0; i < tars.size(); i++) {
        LayerBlob layer = complete.layers().get(i);
        assertThat(layer.digest()).contains(layer.diffId());
        assertThat(layer.mediaType()).isEqualTo(MediaTypes.OCI_LAYER);
        assertThat(layer.size()).isEqualTo(tars.get(i).length);
        assertThat(read(complete, layer)).isEqualTo(tars.get(i));
      }
    }
  }

  @Test
  void completeImage_unpacksToTheSameImageElsewhere() throws IOException {
    StoredImage image = unpack(new ImageBuilder().layer(variedTar()), BlobPolicy.DROP);
    ImageStore other = ImageStore.open(scratch.root().resolve("other"));
    try (StoredImageSource source = source(image).complete()) {
      StoredImage copy = other.unpack(source, ProgressListener.NONE);
      assertThat(copy.id()).isEqualTo(image.id());
      assertThat(copy.layers().get(0).treeDigest()).isEqualTo(image.layers().get(0).treeDigest());
    }
  }

  @Test
  void fileThatIsTwiceInALayer_cannotBeRebuilt_soItsBlobStays() throws IOException {
    byte[] tar = new TarBuilder().file("a", "first").file("a", "second").bytes();
    StoredImage image = unpack(new ImageBuilder().layer(tar), BlobPolicy.DROP);
    assertThat(store.list("blobs/sha256")).hasSize(1);
    try (StoredImageSource source = source(image)) {
      assertThat(source.isComplete()).isTrue();
    }
  }

  @Test
  void dockerArchive_hasNoBlobsToKeep_andAManifestMadeForIt() throws IOException {
    byte[] tar = variedTar();
    Path archive =
        new ImageBuilder()
            .layer(tar)
            .writeDockerArchive(scratch.root().resolve("d.tar"), "localhost/a:v1");
    StoredImage image = store.unpack("docker-archive:" + archive);
    assertThat(store.list("blobs/sha256")).isEmpty();
    assertThat(image.manifests()).hasSize(1);
    try (StoredImageSource source = source(image)) {
      assertThat(source.isComplete()).isTrue();
      assertThat(read(source, source.layers().get(0))).isEqualTo(tar);
      assertThat(source.manifestDescriptor().digest()).isEqualTo(image.manifests().get(0));
    }
  }

  @Test
  void droppedBlobs_comeBackWhenTheImageIsUnpackedAgain() throws IOException {
    ImageBuilder builder = new ImageBuilder().layer(variedTar());
    unpack(builder, BlobPolicy.DROP);
    StoredImage image = unpack(builder, BlobPolicy.KEEP);
    try (StoredImageSource source = source(image)) {
      assertThat(source.isComplete()).isTrue();
    }
    assertThat(store.list("layers/sha256")).hasSize(1);
  }

  @Test
  void anotherCompressionOfALayer_isKeptForItsOwnManifest_andTheTreeIsShared() throws IOException {
    byte[] tar = variedTar();
    ImageBuilder gzip = new ImageBuilder().layer(tar);
    ImageBuilder zstd =
        new ImageBuilder()
            .layer(tar, Zstd.compress(tar), "application/vnd.oci.image.layer.v1.tar+zstd");
    StoredImage one = unpack(gzip, BlobPolicy.KEEP);
    StoredImage two = unpack(zstd, BlobPolicy.KEEP);
    assertThat(two.id()).isEqualTo(one.id());
    assertThat(two.manifests()).hasSize(2);
    assertThat(store.list("layers/sha256")).hasSize(1);
    assertThat(store.list("blobs/sha256")).hasSize(2);
    ImageStore open = store.open();
    for (String digest : List.of(gzip.manifestDigest(), zstd.manifestDigest())) {
      try (StoredImageSource source = open.source(open.find(digest).orElseThrow())) {
        assertThat(source.manifestDescriptor().digest()).hasToString(digest);
        assertThat(source.isComplete()).isTrue();
      }
    }
  }

  @Test
  void blobOfADirectoryOnTheSameFilesystem_isNotWrittenTwice() throws IOException {
    Path layout = new ImageBuilder().layer(variedTar()).writeOci(scratch.fresh("image"), "v1");
    store.unpack("oci:" + layout);
    Path kept = store.root().resolve("blobs/sha256").resolve(store.list("blobs/sha256").get(0));
    Path given = layout.resolve("blobs/sha256").resolve(kept.getFileName());
    boolean shared =
        Files.isSameFile(kept, given) || (int) Files.getAttribute(kept, "unix:nlink") == 1;
    assertThat(shared).isTrue();
    assertThat(kept).hasSameBinaryContentAs(given);
  }

  @Test
  void blobThatOthersMayWrite_isNeverLinked() throws IOException {
    Path layout = new ImageBuilder().layer(variedTar()).writeOci(scratch.fresh("image"), "v1");
    makeWritableForAll(layout.resolve("blobs/sha256"));
    store.unpack("oci:" + layout);
    String hex = store.list("blobs/sha256").get(0);
    Path kept = store.root().resolve("blobs/sha256").resolve(hex);
    assertThat(Files.isSameFile(kept, layout.resolve("blobs/sha256").resolve(hex))).isFalse();
  }

  private static void makeWritableForAll(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
      }
    }
  }

  @Test
  void blobWithAnotherDigest_isNotKept() throws IOException {
    store.refused(
        new ImageBuilder()
            .layer(variedTar())
            .stored(
                content -> {
                  byte[] changed = content.clone();
                  changed[changed.length / 2] ^= 1;
                  return changed;
                }));
  }

  @Test
  void storeOfFormat1_isReadAndUpgraded_itsLayersCountAsDropped() throws IOException {
    ImageBuilder builder = new ImageBuilder().layer(variedTar());
    StoredImage image = unpack(builder, BlobPolicy.KEEP);
    OldStore.make(store.root(), image);
    ImageStore open = store.open();
    assertThat(Files.readString(store.root().resolve("store.json"))).contains("2");
    StoredImage old = open.images().get(0);
    assertThat(old.manifests()).hasToString("[" + builder.manifestDigest() + "]");
    try (StoredImageSource source = open.source(old)) {
      assertThat(source.isComplete()).isFalse();
      assertThatThrownBy(source::complete)
          .isInstanceOf(ImageException.class)
          .hasMessageContaining("unpack the image again");
    }
    assertThat(open.verify(what -> {}).unchecked()).isEqualTo(1);
    try (StoredImageSource source = open.source(unpack(builder, BlobPolicy.KEEP))) {
      assertThat(source.isComplete()).isTrue();
    }
  }

  @Test
  void intake_makesAnImageOnTopOfAnother_withBlobsOfBoth() throws IOException {
    StoredImage base = store.unpack(new TarBuilder().file("a", "1"));
    ImageStore open = store.open();
    byte[] tar = new TarBuilder().file("b", "2").bytes();
    StoredImage made = Commits.onTopOf(open, base, tar, "localhost/made:v1");
    assertThat(made.layers()).hasSize(2);
    assertThat(made.names()).hasToString("[localhost/made:v1]");
    assertThat(Files.readString(made.layers().get(0).tree().resolve("b"))).isEqualTo("2");
    try (StoredImageSource source = open.source(made)) {
      assertThat(source.isComplete()).isTrue();
      assertThat(source.layers()).hasSize(2);
    }
    assertThat(store.list("tmp")).isEmpty();
  }

  @Test
  void intakeOnABaseWithDroppedBlobs_readsNothingOfIt() throws IOException {
    StoredImage base = unpack(new ImageBuilder().layer(variedTar()), BlobPolicy.DROP);
    byte[] tar = new TarBuilder().file("b", "2").bytes();
    StoredImage made = Commits.onTopOf(store.open(), base, tar, "localhost/made:v1");
    assertThat(made.layers()).hasSize(2);
    assertThat(Optional.of(made.layers().get(1))).contains(base.layers().get(0));
  }
}
