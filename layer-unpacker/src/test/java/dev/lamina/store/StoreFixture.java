package dev.lamina.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.KernelOverlay;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageSources;
import dev.lamina.image.Platform;
import dev.lamina.layer.UnpackLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A store in a test's scratch directory, and what the tests say about it: images built in code go
 * in, trees or one clear error come out.
 */
public final class StoreFixture {
  private static final Path MEMORY = Path.of("/dev/shm");

  /** Whether layers with all that they can have can be unpacked in memory here. */
  private static final boolean HAS_MEMORY = holdsLayers(MEMORY);

  private final MountScratch scratch;
  private final Path root;
  private final UnpackLimits limits;
  private int images;

  public StoreFixture(MountScratch scratch) {
    this(scratch, UnpackLimits.DEFAULT);
  }

  /** One that unpacks no more than {@code limits}. */
  public StoreFixture(MountScratch scratch, UnpackLimits limits) {
    this.scratch = scratch;
    this.limits = limits;
    this.root = scratch.root().resolve("store");
  }

  private static boolean holdsLayers(Path place) {
    if (!Files.isWritable(place)) {
      return false;
    }
    TarBuilder layer =
        new TarBuilder()
            .file("file", "content")
            .xattr("user.x", "value")
            .charDevice("null", 1, 3)
            .whiteout("gone");
    try (MountScratch scratch = MountScratch.createIn(place)) {
      return !new StoreFixture(scratch).unpack(layer).layers().isEmpty();
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  /**
   * A scratch for thousands of files or hundreds of stores, which disks are slow to make and
   * delete: in memory where that can be.
   *
   * @param bytes room that is needed there
   */
  public static MountScratch scratchInMemory(long bytes) throws IOException {
    boolean fits = HAS_MEMORY && Files.getFileStore(MEMORY).getUsableSpace() > bytes;
    return fits ? MountScratch.createIn(MEMORY) : MountScratch.create();
  }

  public ImageStore open() throws IOException {
    return ImageStore.open(root, limits);
  }

  public Path root() {
    return root;
  }

  /** Unpacks an image of these layers, bottom first. */
  public StoredImage unpack(TarBuilder... layers) throws IOException {
    ImageBuilder image = new ImageBuilder();
    for (TarBuilder layer : layers) {
      image.layer(layer);
    }
    return unpack(image);
  }

  public StoredImage unpack(ImageBuilder image) throws IOException {
    return unpack("oci:" + image.writeOci(scratch.fresh("image"), "v1") + ":v1");
  }

  public StoredImage unpack(String image) throws IOException {
    return unpack(image, BlobPolicy.KEEP);
  }

  public StoredImage unpack(String image, BlobPolicy policy) throws IOException {
    try (ImageSource source = ImageSources.open(image, Platform.parse("linux/amd64"))) {
      return open().unpack(source, policy, ProgressListener.NONE);
    }
  }

  /** The tree of a one-layer image. */
  public TreeSnapshot tree(TarBuilder layer) throws IOException {
    return TreeSnapshot.of(unpack(layer).layers().get(0).tree(), Detail.EVERYTHING);
  }

  /** What kernel overlayfs shows of an image of these layers. */
  public TreeSnapshot merged(TarBuilder... layers) throws IOException {
    return merged(unpack(layers));
  }

  public TreeSnapshot merged(StoredImage image) throws IOException {
    List<Path> lowers = new ArrayList<>(image.lowers());
    // The kernel wants two lowers at least.
    lowers.add(scratch.fresh("empty"));
    Path mountPoint = scratch.fresh("merged");
    try (KernelOverlay overlay = KernelOverlay.mountReadOnly(lowers, mountPoint, List.of())) {
      return TreeSnapshot.of(overlay.mountPoint(), Detail.MERGED_VIEW);
    }
  }

  /**
   * Expects that an image of these layers is refused: one line, nothing left in the store, nothing
   * changed beside it.
   */
  public ImageException refused(TarBuilder... layers) throws IOException {
    ImageBuilder image = new ImageBuilder();
    for (TarBuilder layer : layers) {
      image.layer(layer);
    }
    return refused(image);
  }

  public ImageException refused(ImageBuilder image) throws IOException {
    return refused(image.ociFiles("v1"));
  }

  /** As {@link #refused(ImageBuilder)}, of the files of an OCI layout. */
  public ImageException refused(Map<String, byte[]> layout) throws IOException {
    Path directory = ImageBuilder.write(scratch.directory("bad" + images++), layout);
    return refusedAt("oci:" + directory + ":v1");
  }

  public ImageException refusedAt(String image) throws IOException {
    Path outside = scratch.directory("outside");
    TreeSnapshot before = TreeSnapshot.of(outside, Detail.EVERYTHING);
    ImageException refusal = catchThrowableOfType(ImageException.class, () -> unpack(image));
    assertThat(refusal).as("refusal of " + image).isNotNull();
    assertThat(refusal.getMessage()).doesNotContain("\n");
    assertThat(TreeSnapshot.of(outside, Detail.EVERYTHING)).isEqualTo(before);
    assertThatStoreIsEmpty();
    return refusal;
  }

  /** Neither layers nor images nor anything half-done. */
  public void assertThatStoreIsEmpty() throws IOException {
    if (Files.exists(root)) {
      for (String directory :
          List.of("layers/sha256", "blobs/sha256", "images/sha256", "names", "tmp")) {
        assertThat(list(directory)).as(directory).isEmpty();
      }
    }
  }

  /** Names in a directory of the store. */
  public List<String> list(String directory) throws IOException {
    try (Stream<Path> entries = Files.list(root.resolve(directory))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }
}
