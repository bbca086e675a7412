package dev.lamina.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRoot;
import dev.lamina.store.StoreFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What distinguishes two images, found by what their merged trees show. */
@RequiresRoot
final class ImageDiffTest {
  private static final TarBuilder BASE =
      new TarBuilder()
          .dir("etc")
          .file("etc/motd", "one")
          .file("etc/same", "same")
          .dir("etc/deep")
          .dir("etc/deep/er")
          .file("etc/deep/er/file", "deep")
          .dir("srv");

  private StoreFixture store;

  @BeforeEach
  void openStore(MountScratch scratch) {
    store = new StoreFixture(scratch);
  }

  private static TarBuilder tar() {
    return new TarBuilder();
  }

  private List<String> diff(TarBuilder[] before, TarBuilder[] after) throws IOException {
    return diff(before, after, false);
  }

  private List<String> diff(TarBuilder[] before, TarBuilder[] after, boolean times)
      throws IOException {
    List<String> changes = new ArrayList<>();
    ImageDiff.compare(
        store.unpack(before), store.unpack(after), times, change -> changes.add(change.toString()));
    return changes;
  }

  private static TarBuilder[] layers(TarBuilder... layers) {
    return layers;
  }

  @Test
  void sameLayers_areSame() throws IOException {
    assertThat(diff(layers(BASE), layers(BASE))).isEmpty();
  }

  @Test
  void anotherLayerOnTop_showsWhatItDoes() throws IOException {
    TarBuilder top =
        tar().file("etc/motd", "two").whiteout("etc/deep").dir("srv/www").file("srv/www/f", "");
    assertThat(diff(layers(BASE), layers(BASE, top)))
        .containsExactly(
            "C /etc", "D /etc/deep", "C /etc/motd", "C /srv", "A /srv/www", "A /srv/www/f");
    assertThat(diff(layers(BASE, top), layers(BASE)))
        .containsExactly(
            "C /etc",
            "A /etc/deep",
            "A /etc/deep/er",
            "A /etc/deep/er/file",
            "C /etc/motd",
            "C /srv",
            "D /srv/www");
  }

  @Test
  void changeDeepBelow_namesTheDirectoriesOnTheWay() throws IOException {
    assertThat(diff(layers(BASE), layers(BASE, tar().file("etc/deep/er/file", "other"))))
        .containsExactly("C /etc", "C /etc/deep", "C /etc/deep/er", "C /etc/deep/er/file");
  }

  @Test
  void equalTreesOfDifferentLayers_areSame() throws IOException {
    TarBuilder all = tar().dir("d").file("d/a", "1").file("d/b", "2");
    assertThat(diff(layers(all), layers(tar().dir("d").file("d/a", "1"), tar().file("d/b", "2"))))
        .isEmpty();
  }

  @Test
  void content_countsEvenWhereSizeAndTimeAreSame() throws IOException {
    assertThat(diff(layers(tar().file("f", "1")), layers(tar().file("f", "2"))))
        .containsExactly("C /f");
  }

  @Test
  void largeFiles_areReadToTheLastByte() throws IOException {
    byte[] content = new byte[300_000];
    byte[] other = content.clone();
    other[other.length - 1] = 1;
    assertThat(diff(layers(tar().file("f", content)), layers(tar().file("f", other))))
        .containsExactly("C /f");
    assertThat(
            diff(layers(tar().file("f", content)), layers(tar().file("f", content).file("g", ""))))
        .containsExactly("A /g");
  }

  @Test
  void attributes_count() throws IOException {
    TarBuilder before =
        tar().file("mode", "").file("owner", "").file("xattr", "").symlink("link", "a").dir("d");
    TarBuilder after =
        tar()
            .file("mode", "")
            .mode(0600)
            .file("owner", "")
            .owner(1, 1)
            .file("xattr", "")
            .xattr("user.x", "y")
            .symlink("link", "b")
            .dir("d")
            .mode(0700);
    assertThat(diff(layers(before), layers(after)))
        .containsExactly("C /d", "C /link", "C /mode", "C /owner", "C /xattr");
  }

  @Test
  void devices_areComparedByNumber() throws IOException {
    assertThat(diff(layers(tar().charDevice("c", 1, 3)), layers(tar().charDevice("c", 1, 5))))
        .containsExactly("C /c");
  }

  @Test
  void times_countWhenAskedFor() throws IOException {
    TarBuilder[] before = layers(tar().file("f", "same").mtime("1"));
    TarBuilder[] after = layers(tar().file("f", "same").mtime("2"));
    assertThat(diff(before, after)).isEmpty();
    assertThat(diff(before, after, true)).containsExactly("C /f");
  }

  @Test
  void changesOfType_areChanges_andWhatIsNewInThemIsAdded() throws IOException {
    assertThat(
            diff(
                layers(tar().dir("d").file("d/in", "").file("f", "")),
                layers(tar().file("d", "").dir("f").file("f/in", ""))))
        .containsExactly("C /d", "C /f", "A /f/in");
  }

  @Test
  void names_areComparedAsBytes_inTheirOrder() throws IOException {
    assertThat(
            diff(
                layers(tar().file("a", "").file("\u00ff", "")),
                layers(tar().file("a.b", "").dir("a-").file("a-/f", "").file("\u00fe", ""))))
        .containsExactly("D /a", "A /a-", "A /a-/f", "A /a.b", "A /\\xfe", "D /\\xff");
  }
}
