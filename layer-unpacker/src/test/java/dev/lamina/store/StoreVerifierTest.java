package dev.lamina.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Damage that is found, and damage that can be undone. */
@RequiresKernelOverlay
final class StoreVerifierTest {
  private StoreFixture fixture;
  private MountScratch scratch;

  @BeforeEach
  void openStore(MountScratch fresh) {
    scratch = fresh;
    fixture = new StoreFixture(fresh);
  }

  private StoredImage image(BlobPolicy policy) throws IOException {
    ImageBuilder image =
        new ImageBuilder()
            .layer(new TarBuilder().dir("d").mode(0750).file("d/f", "base").mtime("5.5"))
            // Depends on the layer below.
            .layer(new TarBuilder().hardLink("d/g", "d/f").whiteout("d/x"));
    return fixture.unpack("oci:" + image.writeOci(scratch.fresh("image"), "v1"), policy);
  }

  private Verification verify() throws IOException {
    return fixture.open().verify(what -> {});
  }

  private Verification repair(ImageUsers users) throws IOException {
    return fixture.open().repair(users, what -> {});
  }

  private Path blob(int index) throws IOException {
    Path blobs = fixture.root().resolve("blobs/sha256");
    Path file = blobs.resolve(fixture.list("blobs/sha256").get(index));
    // Not to damage the source with it, if it is a hard link.
    byte[] content = Files.readAllBytes(file);
    Files.delete(file);
    return Files.write(file, content);
  }

  private static void damage(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
  }

  @Test
  void goodStore_isClean() throws IOException {
    image(BlobPolicy.KEEP);
    assertThat(verify()).isEqualTo(new Verification(2, 2, 0, List.of()));
    assertThat(fixture.list("tmp")).isEmpty();
  }

  @Test
  void damagedBlob_isFound_andRemovedByRepair() throws IOException {
    image(BlobPolicy.KEEP);
    damage(blob(0));
    Verification found = verify();
    assertThat(found.isClean()).isFalse();
    assertThat(found.findings()).extracting(Finding::kind).containsExactly(Garbage.Kind.BLOB);
    assertThat(repair(ImageUsers.NONE).isClean()).isTrue();
    assertThat(fixture.list("blobs/sha256")).hasSize(1);
    assertThat(verify().findings()).isEmpty();
    image(BlobPolicy.KEEP);
    assertThat(fixture.list("blobs/sha256")).hasSize(2);
  }

  @Test
  void changedFileOfALayer_isFound_andComesBack() throws IOException {
    StoredImage image = image(BlobPolicy.KEEP);
    Path file = image.layers().get(1).tree().resolve("d/f");
    Files.writeString(file, "evil");
    assertThat(verify().findings())
        .extracting(Finding::digest)
        .containsExactly(image.layers().get(1).key());
    Verification repaired = repair(ImageUsers.NONE);
    assertThat(repaired.isClean()).isTrue();
    assertThat(repaired.findings()).hasSize(1);
    assertThat(file).hasContent("base");
    assertThat(verify().findings()).isEmpty();
    assertThat(fixture.list("tmp")).isEmpty();
  }

  @Test
  void layerThatDependsOnItsParents_isRepairedOnTopOfThem() throws IOException {
    StoredImage image = image(BlobPolicy.KEEP);
    StoredLayer dependent = image.layers().get(0);
    assertThat(dependent.dependsOnParents()).isTrue();
    Files.delete(dependent.tree().resolve("d/g"));
    assertThat(repair(ImageUsers.NONE).isClean()).isTrue();
    assertThat(dependent.tree().resolve("d/g")).hasContent("base");
  }

  @Test
  void changedModeAlone_isDamageToo() throws IOException {
    StoredImage image = image(BlobPolicy.KEEP);
    Files.setAttribute(image.layers().get(1).tree().resolve("d"), "unix:mode", 0755);
    assertThat(verify().findings()).hasSize(1);
  }

  @Test
  void damagedLayerWithoutBlob_isFound_andStays() throws IOException {
    StoredImage image = image(BlobPolicy.DROP);
    Files.writeString(image.layers().get(1).tree().resolve("d/f"), "evil");
    Verification result = repair(ImageUsers.NONE);
    assertThat(result.isClean()).isFalse();
    assertThat(result.findings().get(0).outcome()).contains("blob was not kept");
  }

  @Test
  void damagedLayerUnderAMount_isNotTakenAwayUnderIt() throws IOException {
    StoredImage image = image(BlobPolicy.KEEP);
    Path file = image.layers().get(1).tree().resolve("d/f");
    Files.writeString(file, "evil");
    ImageUsers web = () -> List.of(new ImageUsers.User("container web", image.id(), true));
    Verification result = repair(web);
    assertThat(result.isClean()).isFalse();
    assertThat(result.findings().get(0).outcome()).contains("container web");
    assertThat(file).hasContent("evil");
  }

  @Test
  void damagedStreamRecord_isFound() throws IOException {
    StoredImage image = image(BlobPolicy.DROP);
    damage(image.layers().get(1).streamRecord());
    assertThat(verify().findings())
        .extracting(Finding::problem)
        .containsExactly("the record of its stream is damaged");
  }

  @Test
  void nameOfAMissingImage_isFound() throws IOException {
    StoredImage image = image(BlobPolicy.KEEP);
    Trees.delete(image.configFile().getParent());
    assertThat(verify().findings())
        .extracting(Finding::problem)
        .containsExactly("it is missing, but " + image.names().get(0) + " means it");
  }

  @Test
  void missingLayer_isFound() throws IOException {
    StoredImage image = image(BlobPolicy.KEEP);
    Trees.delete(image.layers().get(0).tree().getParent());
    assertThat(verify().findings()).extracting(Finding::digest).containsExactly(image.id());
  }

  @Test
  void damagedConfiguration_isFound() throws IOException {
    StoredImage image = image(BlobPolicy.KEEP);
    Files.writeString(image.configFile(), " ", StandardOpenOption.APPEND);
    assertThat(verify().findings()).extracting(Finding::digest).containsExactly(image.id());
  }
}
