package dev.lamina.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRoot;
import dev.lamina.image.Digest;
import dev.lamina.store.StoreFixture;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** History and description of an image. */
@RequiresRoot
final class ImageRecordsTest {
  private StoreFixture store;

  @BeforeEach
  void openStore(MountScratch scratch) {
    store = new StoreFixture(scratch);
  }

  private static ImageBuilder twoLayers() {
    return new ImageBuilder()
        .layer(new TarBuilder().file("a", "1"))
        .layer(new TarBuilder().file("b", "2"));
  }

  private static List<String> rows(StoredImage image) {
    return HistoryRow.of(image).stream()
        .map(row -> row.number() + " " + row.createdBy() + " " + row.bytes())
        .toList();
  }

  @Test
  void history_pairsEntriesWithLayers_theLatestFirst() throws IOException {
    StoredImage image =
        store.unpack(
            twoLayers()
                .configFields(
                    ",\"history\":[{\"created_by\":\"ADD a\"},"
                        + "{\"created_by\":\"ENV\",\"empty_layer\":true},"
                        + "{\"created_by\":\"ADD b\"},"
                        + "{\"created_by\":\"CMD\",\"empty_layer\":true}]"));
    assertThat(rows(image)).containsExactly("0 CMD 0", "2 ADD b 2048", "0 ENV 0", "1 ADD a 2048");
  }

  @Test
  void history_thatIsMissing_hasARowPerLayer() throws IOException {
    assertThat(rows(store.unpack(twoLayers()))).containsExactly("2  2048", "1  2048");
  }

  @Test
  void history_thatIsTooShort_isFilledUp() throws IOException {
    StoredImage image =
        store.unpack(twoLayers().configFields(",\"history\":[{\"created_by\":\"ADD a\"}]"));
    assertThat(rows(image)).containsExactly("2  2048", "1 ADD a 2048");
  }

  @Test
  void history_thatIsTooLong_hasStepsWithoutLayers() throws IOException {
    StoredImage image =
        store.unpack(
            twoLayers()
                .configFields(
                    ",\"history\":[{\"created_by\":\"1\"},{\"created_by\":\"2\"},"
                        + "{\"created_by\":\"3\"}]"));
    assertThat(rows(image)).containsExactly("0 3 0", "2 2 2048", "1 1 2048");
  }

  @Test
  void description_hasWhatTheStoreAndTheConfigurationSay() throws IOException {
    ImageBuilder builder =
        twoLayers()
            .configFields(
                ",\"author\":\"somebody\",\"config\":{\"Cmd\":[\"sh\"],\"Odd\":1},"
                    + "\"history\":[{\"created_by\":\"x\",\"odd\":true}]");
    StoredImage image = store.unpack(builder);
    ImageDescription description = ImageDescription.of(image);
    assertThat(description.id()).isEqualTo(image.id());
    assertThat(description.author()).isEqualTo("somebody");
    assertThat(description.os()).isEqualTo("linux");
    assertThat(description.config().toString()).isEqualTo("{\"Cmd\":[\"sh\"],\"Odd\":1}");
    assertThat(description.history().toString()).isEqualTo("[{\"created_by\":\"x\",\"odd\":true}]");
    assertThat(description.tags()).isNotEmpty();
    assertThat(description.digests())
        .isNotEmpty()
        .allMatch(digest -> digest.endsWith("@" + builder.manifestDigest()));
    Digest bottom = image.layers().get(1).diffId();
    assertThat(description.layers().get(0).diffId()).isEqualTo(bottom);
    assertThat(description.layers().get(0).chainId()).isEqualTo(bottom);
    assertThat(description.layers().get(1).chainId())
        .isEqualTo(Digest.chain(bottom, image.layers().get(0).diffId()));
    assertThat(description.size()).isEqualTo(4096);
  }
}
