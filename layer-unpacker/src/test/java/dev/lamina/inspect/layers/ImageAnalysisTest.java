package dev.lamina.inspect.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRoot;
import dev.lamina.overlay.Change;
import dev.lamina.store.StoreFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What layers do and waste, against figures worked out by hand. dive's formula, of leaves: the
 * smallest size of each path over the sum of all its sizes; wasted are the sizes of all paths that
 * occur more than once.
 */
@RequiresRoot
final class ImageAnalysisTest {
  private StoreFixture store;

  @BeforeEach
  void openStore(MountScratch scratch) {
    store = new StoreFixture(scratch);
  }

  private static TarBuilder tar() {
    return new TarBuilder();
  }

  private static byte[] bytes(int count) {
    return new byte[count];
  }

  private ImageAnalysis analysis(TarBuilder... layers) throws IOException {
    return ImageAnalysis.of(
        store.unpack(layers), new ImageAnalysis.Detail(10, 10, 1000), layer -> {});
  }

  private static List<String> worst(ImageAnalysis analysis) {
    return analysis.worst().stream().map(WastedPath::toString).toList();
  }

  private static String text(byte[] path) {
    return new String(path, StandardCharsets.UTF_8);
  }

  private static List<String> notable(LayerSummary layer, Change.Kind kind) {
    return layer.notable().stream()
        .filter(change -> change.kind() == kind)
        .map(change -> change.bytes() + " " + text(change.path()))
        .toList();
  }

  @Test
  void oneLayer_wastesNothing() throws IOException {
    ImageAnalysis analysis = analysis(tar().dir("d").file("d/f", bytes(10)).dir("empty"));
    assertThat(analysis.efficiency()).isEqualTo(1);
    assertThat(analysis.wasted()).isZero();
    assertThat(analysis.hidden()).isZero();
    assertThat(analysis.worst()).isEmpty();
    LayerSummary layer = analysis.layers().get(0);
    assertThat(layer.number()).isEqualTo(1);
    assertThat(layer.files()).isEqualTo(1);
    assertThat(layer.directories()).isEqualTo(2);
    assertThat(layer.bytes()).isEqualTo(10);
    assertThat(layer.added()).isEqualTo(new Tally(3, 10));
    assertThat(layer.changed()).isEqualTo(Tally.NOTHING);
    assertThat(layer.deleted()).isEqualTo(Tally.NOTHING);
  }

  @Test
  void emptyImage_isEfficient() throws IOException {
    ImageAnalysis analysis = analysis(tar());
    assertThat(analysis.efficiency()).isEqualTo(1);
    assertThat(analysis.bytes()).isZero();
  }

  @Test
  void divesFormula_ofAReplacedAndADeletedTree() throws IOException {
    ImageAnalysis analysis =
        analysis(
            tar().file("a", bytes(100)).dir("d").file("d/x", bytes(50)).file("d/y", bytes(30)),
            tar().file("a", bytes(40)).whiteout("d"),
            tar().file("b", bytes(10)));
    // a: 40 of 140; d/x: 50 of 50; d/y: 30 of 30; d, as a deletion: 80 of 80; b: 10 of 10.
    assertThat(analysis.efficiency()).isCloseTo(210.0 / 310, within(1e-12));
    assertThat(analysis.wasted()).isEqualTo(140);
    assertThat(worst(analysis)).containsExactly("140 2 /a");
    // What the first layer has and nobody sees: its a, d/x and d/y.
    assertThat(analysis.hidden()).isEqualTo(180);
    assertThat(analysis.layers().get(0).hidden()).isEqualTo(180);
    assertThat(analysis.layers().get(1).changed()).isEqualTo(new Tally(1, 40));
    assertThat(analysis.layers().get(1).deleted()).isEqualTo(new Tally(3, 80));
    assertThat(analysis.layers().get(2).added()).isEqualTo(new Tally(1, 10));
  }

  @Test
  void divesFormula_ofADeletedFile_countsItOnceAndItsDeletionAsNothing() throws IOException {
    ImageAnalysis analysis =
        analysis(tar().file("f", bytes(100)).file("g", bytes(100)), tar().whiteout("f"));
    // f: 0 of 100; g: 100 of 100.
    assertThat(analysis.efficiency()).isCloseTo(0.5, within(1e-12));
    assertThat(analysis.wasted()).isEqualTo(100);
    assertThat(worst(analysis)).containsExactly("100 2 /f");
  }

  @Test
  void divesFormula_ofAFileInThreeLayers() throws IOException {
    ImageAnalysis analysis =
        analysis(
            tar().file("f", bytes(30)).file("e", bytes(5)),
            tar().file("f", bytes(10)).file("e", bytes(5)),
            tar().file("f", bytes(20)));
    // f: 10 of 60; e: 5 of 10.
    assertThat(analysis.efficiency()).isCloseTo(15.0 / 70, within(1e-12));
    assertThat(analysis.wasted()).isEqualTo(70);
    assertThat(worst(analysis)).containsExactly("60 3 /f", "10 2 /e");
    assertThat(analysis.hidden()).isEqualTo(30 + 5 + 10);
  }

  @Test
  void directories_areLeavesOnlyWhereTheyAreEmpty() throws IOException {
    ImageAnalysis analysis =
        analysis(
            tar().dir("d").file("d/f", bytes(10)).dir("e"), tar().dir("d").file("d/g", bytes(10)));
    assertThat(analysis.efficiency()).isEqualTo(1);
    assertThat(analysis.wasted()).isZero();
  }

  @Test
  void opaqueDirectory_deletesWhatWasInIt_butNotWhatItHasItself() throws IOException {
    ImageAnalysis analysis =
        analysis(
            tar().dir("d").file("d/kept", bytes(10)).dir("d/s").file("d/s/gone", bytes(7)),
            tar().dir("d").opaque("d").file("d/kept", bytes(20)).file("d/new", bytes(1)));
    LayerSummary top = analysis.layers().get(1);
    assertThat(top.deleted()).isEqualTo(new Tally(2, 7));
    assertThat(top.changed()).isEqualTo(new Tally(1, 20));
    assertThat(top.added()).isEqualTo(new Tally(1, 1));
    assertThat(analysis.hidden()).isEqualTo(17);
    // kept: 10 of 30; gone: 7 of 7; d, as a deletion: 17 of 17; new: 1 of 1.
    assertThat(analysis.efficiency()).isCloseTo(35.0 / 55, within(1e-12));
  }

  @Test
  void changesOfType_countAsOneChangeAndWhatWasInThem() throws IOException {
    ImageAnalysis analysis =
        analysis(
            tar().dir("d").file("d/f", bytes(10)).file("f", bytes(5)),
            tar().file("d", bytes(1)).dir("f").file("f/in", bytes(2)));
    LayerSummary top = analysis.layers().get(1);
    assertThat(top.changed()).isEqualTo(new Tally(2, 1));
    assertThat(top.deleted()).isEqualTo(new Tally(1, 10));
    assertThat(top.added()).isEqualTo(new Tally(1, 2));
  }

  @Test
  void directory_isChangedWhenItsOwnerOrModeIs() throws IOException {
    ImageAnalysis analysis =
        analysis(
            tar().dir("same").dir("mode").dir("owner"),
            tar().dir("same").dir("mode").mode(0700).dir("owner").owner(1, 0));
    assertThat(analysis.layers().get(1).changed()).isEqualTo(new Tally(2, 0));
    assertThat(analysis.layers().get(1).added()).isEqualTo(Tally.NOTHING);
  }

  @Test
  void deletionOfWhatIsNotThere_isNothing() throws IOException {
    ImageAnalysis analysis =
        analysis(tar().file("f", bytes(1)), tar().whiteout("never"), tar().file("never", bytes(9)));
    assertThat(analysis.layers().get(1).deleted()).isEqualTo(Tally.NOTHING);
    assertThat(analysis.wasted()).isZero();
    assertThat(analysis.layers().get(2).added()).isEqualTo(new Tally(1, 9));
  }

  @Test
  void hardLinks_haveTheirBytesOnce() throws IOException {
    ImageAnalysis analysis =
        analysis(tar().file("a", bytes(100)).hardLink("b", "a").hardLink("c", "a"));
    assertThat(analysis.bytes()).isEqualTo(100);
    assertThat(analysis.layers().get(0).files()).isEqualTo(3);
  }

  @Test
  void aLayerThatOccursTwice_isReadTwice() throws IOException {
    TarBuilder same = tar().file("f", bytes(10));
    ImageAnalysis analysis = analysis(same, tar().whiteout("f"), same);
    assertThat(analysis.layers()).hasSize(3);
    assertThat(analysis.layers().get(2).added()).isEqualTo(new Tally(1, 10));
    assertThat(analysis.hidden()).isEqualTo(10);
  }

  @Test
  void largestFilesAndChanges_areNamed() throws IOException {
    ImageAnalysis analysis =
        analysis(
            tar().dir("d").file("d/large", bytes(300)).file("old", bytes(50)),
            tar().file("mid", bytes(200)).file("old", bytes(60)).whiteout("d"));
    assertThat(analysis.largest())
        .extracting(file -> file.bytes() + " " + text(file.path()) + " " + file.layer())
        .containsExactly("200 /mid 2", "60 /old 2");
    LayerSummary top = analysis.layers().get(1);
    assertThat(notable(top, Change.Kind.ADDED)).containsExactly("200 /mid");
    assertThat(notable(top, Change.Kind.CHANGED)).containsExactly("60 /old");
    assertThat(notable(top, Change.Kind.DELETED)).containsExactly("300 /d");
  }

  @Test
  void picture_hasTheLargestFirst_andWhatIsStillShown() throws IOException {
    ImageAnalysis analysis =
        analysis(
            tar().dir("d").file("d/a", bytes(1000)).file("d/b", bytes(3000)).file("c", bytes(2000)),
            tar().file("d/b", bytes(10)));
    SizeNode map = analysis.layers().get(0).map();
    assertThat(map.bytes()).isEqualTo(6000);
    assertThat(map.shown()).isEqualTo(3000);
    assertThat(map.files()).isEqualTo(3);
    assertThat(map.children()).extracting(node -> text(node.name())).containsExactly("d", "c");
    SizeNode d = map.children().get(0);
    assertThat(d.bytes()).isEqualTo(4000);
    assertThat(d.shown()).isEqualTo(1000);
    assertThat(d.children()).extracting(SizeNode::shown).containsExactly(0L, 1000L);
    assertThat(analysis.layers().get(1).map().shown()).isEqualTo(10);
  }

  @Test
  void picture_ofManySmallFiles_isSmall() throws IOException {
    TarBuilder many = tar();
    for (int i = 0; i < 3000; i++) {
      many.file("d" + i % 30 + "/f" + i, bytes(3));
    }
    SizeNode map = analysis(many).layers().get(0).map();
    assertThat(map.bytes()).isEqualTo(9000);
    assertThat(map.children()).hasSize(30);
    assertThat(nodes(map)).isLessThanOrEqualTo(1000);
  }

  private static int nodes(SizeNode node) {
    return 1 + node.children().stream().mapToInt(ImageAnalysisTest::nodes).sum();
  }

  @Test
  void deepTrees_costNoStack() throws IOException {
    String path = "d/".repeat(2000) + "f";
    ImageAnalysis analysis = analysis(tar().file(path, bytes(9)), tar().whiteout("d"));
    assertThat(analysis.layers().get(0).directories()).isEqualTo(2000);
    assertThat(analysis.layers().get(1).deleted()).isEqualTo(new Tally(2001, 9));
  }
}
