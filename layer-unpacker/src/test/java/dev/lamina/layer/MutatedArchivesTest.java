package dev.lamina.layer;

import static dev.lamina.fixtures.tree.TreeSnapshotAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRoot;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.fixtures.tree.Trees;
import dev.lamina.image.ImageException;
import dev.lamina.store.StoreFixture;
import dev.lamina.store.StoredImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/**
 * Archives with bits flipped, or cut short, at random places: either the tree is right or there is
 * one clear error, and nothing is left behind (attack 25).
 */
@RequiresRoot
final class MutatedArchivesTest {
  private static final byte[] TAR =
      new TarBuilder()
          .dir("d")
          .mode(02755)
          .file("d/file", "some content ".repeat(200))
          .xattr("user.x", "value")
          .mtime("12.5")
          .hardLink("d/link", "d/file")
          .symlink("l", "d")
          .file("l/through", "x")
          .charDevice("null", 1, 3)
          .whiteout("gone")
          .opaque("d")
          .file("d/" + "n".repeat(150), "long")
          .bytes();

  /** Bytes, for all that one try may unpack. */
  private static final long MUCH = 32 << 20;

  /** The blob changes, its digests do not: what arrives damaged is never taken for the image. */
  @Property(tries = 150, seed = "2026")
  void damagedBlob_isRefusedUnlessItIsTheSame(
      @ForAll @Size(min = 1, max = 3) int[] places,
      @ForAll @IntRange(min = 0, max = 7) int bit,
      @ForAll boolean cut)
      throws IOException {
    ImageBuilder image =
        new ImageBuilder().layer(TAR).stored(blob -> damage(blob, places, bit, cut));
    try (MountScratch scratch = StoreFixture.scratchInMemory(MUCH)) {
      ImageException refusal = new StoreFixture(scratch).refused(image);
      assertThat(refusal.kind()).isEqualTo(ImageException.Kind.MISMATCH);
    }
  }

  /** The archive is the attacker's own, digests and all: it unpacks inside, or not at all. */
  @Property(tries = 300, seed = "2026")
  void damagedArchive_unpacksInsideOrNotAtAll(
      @ForAll @Size(min = 1, max = 3) int[] places,
      @ForAll @IntRange(min = 0, max = 7) int bit,
      @ForAll boolean cut)
      throws IOException {
    unpacksInsideOrNotAtAll(damage(TAR, places, bit, cut));
  }

  @Property(tries = 2000)
  @Tag("long")
  void damagedArchive_ofAnyKind(
      @ForAll @Size(min = 1, max = 3) int[] places,
      @ForAll @IntRange(min = 0, max = 7) int bit,
      @ForAll boolean cut)
      throws IOException {
    damagedArchive_unpacksInsideOrNotAtAll(places, bit, cut);
  }

  /** The compressed stream is the attacker's own, digest and all: the same archive, or none. */
  @Property(tries = 250, seed = "2026")
  void damagedStream_givesTheArchiveOrOneClearError(
      @ForAll Compression compression,
      @ForAll @Size(min = 1, max = 3) int[] places,
      @ForAll @IntRange(min = 0, max = 7) int bit,
      @ForAll boolean cut)
      throws IOException {
    byte[] stream = damage(CompressionTest.compress(compression, TAR), places, bit, cut);
    try (MountScratch scratch = StoreFixture.scratchInMemory(MUCH)) {
      StoreFixture store = new StoreFixture(scratch);
      ImageBuilder image =
          new ImageBuilder().layer(TAR, stream, "application/vnd.oci.image.layer.v1.tar");
      try {
        // A time or a name in the stream's own header, say.
        assertThat(store.unpack(image).layers()).hasSize(1);
      } catch (ImageException e) {
        assertThat(e.getMessage()).doesNotContain("\n").contains("layer 1 of 1");
        assertThat(e.kind()).isNotEqualTo(ImageException.Kind.HOST);
        store.assertThatStoreIsEmpty();
      }
    }
  }

  private static void unpacksInsideOrNotAtAll(byte[] tar) throws IOException {
    try (MountScratch scratch = StoreFixture.scratchInMemory(MUCH)) {
      StoreFixture store = new StoreFixture(scratch);
      TreeSnapshot outside = TreeSnapshot.of(scratch.directory("outside"), Detail.EVERYTHING);
      try {
        StoredImage unpacked = store.unpack(new ImageBuilder().layer(tar));
        TreeSnapshot first = TreeSnapshot.of(unpacked.layers().get(0).tree(), Detail.EVERYTHING);
        Trees.delete(store.root());
        StoredImage again = store.unpack(new ImageBuilder().layer(tar));
        assertThat(TreeSnapshot.of(again.layers().get(0).tree(), Detail.EVERYTHING))
            .isSameTreeAs(first);
      } catch (ImageException e) {
        assertThat(e.getMessage()).doesNotContain("\n").contains("layer 1 of 1");
        store.assertThatStoreIsEmpty();
      }
      assertThat(TreeSnapshot.of(scratch.directory("outside"), Detail.EVERYTHING))
          .isSameTreeAs(outside);
    }
  }

  /** Entries in any order, some of them twice or not at all: a tree, or one clear error. */
  @Property(tries = 150, seed = "2026")
  void shuffledArchive_unpacksInsideOrNotAtAll(
      @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 0, max = 9) Integer> order)
      throws IOException {
    List<TarBuilder> entries =
        List.of(
            new TarBuilder().dir("d"),
            new TarBuilder().file("d/file", "some content"),
            new TarBuilder().hardLink("d/link", "d/file"),
            new TarBuilder().symlink("l", "d"),
            new TarBuilder().file("l/through", "x"),
            new TarBuilder().charDevice("null", 1, 3),
            new TarBuilder().whiteout("d/file"),
            new TarBuilder().opaque("d"),
            new TarBuilder().file("d", "a file where a directory may be"),
            new TarBuilder().symlink("d", "../outside"));
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    for (int entry : order) {
      byte[] bytes = entries.get(entry).bytes();
      tar.write(bytes, 0, bytes.length - 1024);
    }
    tar.write(new byte[1024]);
    unpacksInsideOrNotAtAll(tar.toByteArray());
  }

  /** Entries in another order, or twice, still make a tree, and the same one each time. */
  @Test
  void repeatedArchive_isTheSameTree(MountScratch scratch) throws IOException {
    StoreFixture store = new StoreFixture(scratch);
    byte[] entries = Arrays.copyOf(TAR, TAR.length - 1024);
    byte[] twice = Arrays.copyOf(entries, 2 * entries.length + 1024);
    System.arraycopy(entries, 0, twice, entries.length, entries.length);
    TreeSnapshot once =
        TreeSnapshot.of(
            store.unpack(new ImageBuilder().layer(TAR)).layers().get(0).tree(), Detail.EVERYTHING);
    TreeSnapshot repeated =
        TreeSnapshot.of(
            store.unpack(new ImageBuilder().layer(twice)).layers().get(0).tree(),
            Detail.EVERYTHING);
    assertThat(repeated).isSameTreeAs(once);
  }

  private static byte[] damage(byte[] bytes, int[] places, int bit, boolean cut) {
    int first = Math.floorMod(places[0], bytes.length);
    byte[] damaged = cut ? Arrays.copyOf(bytes, first) : bytes.clone();
    for (int place : places) {
      if (damaged.length > 0) {
        damaged[Math.floorMod(place, damaged.length)] ^= (byte) (1 << bit);
      }
    }
    return Arrays.equals(damaged, bytes) ? Arrays.copyOf(bytes, bytes.length - 1) : damaged;
  }
}
