package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The store's own commands: names, removal, collection, verification, usage. */
@RequiresFuse
final class StoreCommandsIT extends EndToEnd {
  private static final ObjectMapper JSON = new ObjectMapper();

  private MountScratch scratch;
  private StateDirectory state;
  private Launcher launcher;
  private String image;
  private String id;

  @BeforeEach
  void unpackImage(MountScratch fresh) throws Exception {
    scratch = fresh;
    state = new StateDirectory(fresh.root().resolve("state"));
    launcher = state.launcher();
    image = TestImages.small(fresh.directory("image"));
    id = launcher.lamina("unpack", image).succeeds().line();
  }

  @Test
  void names_comeMoveAndGo() throws Exception {
    launcher.lamina("tag", "image:v1", "localhost/other", "example.org:5000/a/b:c").succeeds();
    String digest =
        JSON.readTree(launcher.lamina("images", "--format", "json").succeeds().out())
            .at("/0/manifests/0")
            .asText();
    CommandResult table = launcher.lamina("images", "--digests").succeeds();
    assertThat(table.out().lines()).hasSize(4);
    assertThat(table.out())
        .startsWith("REPOSITORY")
        .containsPattern("example.org:5000/a/b +c +" + digest)
        .containsPattern("localhost/other +latest +" + digest);
    assertThat(launcher.lamina("images", "b").succeeds().out().lines()).hasSize(2);
    assertThat(launcher.lamina("images", "nobody").succeeds().out().lines()).hasSize(1);
    assertThat(launcher.lamina("images", "-q", "--no-trunc").succeeds().line()).isEqualTo(id);
    assertThat(launcher.lamina("images", "-q", "x@" + digest).succeeds().line())
        .isEqualTo(id.substring(7, 19));

    assertThat(launcher.lamina("untag", "other", "other").succeeds().line())
        .isEqualTo("Untagged: localhost/other:latest");
    assertThat(launcher.lamina("rmi", "b:c").succeeds().line())
        .isEqualTo("Untagged: example.org:5000/a/b:c");
    CommandResult last = launcher.lamina("rmi", "image:v1").succeeds();
    assertThat(last.out().lines()).hasSize(4).contains("Untagged: image:v1", "Deleted: " + id);
    assertThat(launcher.lamina("images", "-q").succeeds().out()).isEmpty();
    assertThat(state.root().resolve("layers/sha256")).isEmptyDirectory();
    assertThat(launcher.lamina("rmi", "image:v1").exits(3).message()).contains("image:v1");
    assertThat(launcher.lamina("tag", "image:v1", "Not A Name").exits(2).message())
        .contains("not an image name");
  }

  @Test
  void storeOnAReadOnlyFilesystem_canBeLookedInto() throws Exception {
    Path readOnly = scratch.directory("read-only");
    Launcher.sh("mount --bind $1 $2 && mount -o remount,bind,ro $2", state.root(), readOnly)
        .succeeds();
    Launcher there = Launcher.withRoot(readOnly);
    assertThat(there.lamina("images", "-q", "--no-trunc").succeeds().line()).isEqualTo(id);
    assertThat(there.lamina("ls", "image:v1", "/srv").succeeds().line()).isEqualTo("data");
    assertThat(there.lamina("cat", "image:v1", "/srv/data").succeeds().line()).isEqualTo("data");
    assertThat(there.lamina("inspect", "image:v1").succeeds().out()).contains(id);
    assertThat(there.lamina("layers", "image:v1").succeeds().out()).contains("efficiency 100.00%");
    Path saved = scratch.root().resolve("saved.tar");
    there.lamina("save", "-q", "image:v1", "oci-archive:" + saved).succeeds();
    assertThat(there.lamina("untag", "image:v1").exits(1).message()).contains("read-only");
    Launcher.sh("umount $1", readOnly).succeeds();
  }

  @Test
  void imageUnderAContainer_isNotRemoved_andForcedGoesWithTheContainer() throws Exception {
    Path mnt = scratch.directory("mnt");
    launcher.lamina("mount", "image:v1", mnt, "--name", "web").succeeds();
    assertThat(launcher.lamina("rmi", "image:v1").exits(6).message()).contains("container web");
    launcher.lamina("rmi", "--force", "image:v1").succeeds();
    assertThat(launcher.lamina("images", "-q").succeeds().out()).isEmpty();
    launcher.lamina("gc").succeeds();
    assertThat(mnt.resolve("srv/data")).hasContent("data\n");
    launcher.lamina("umount", "web").succeeds();
    launcher.lamina("mount", id, mnt, "--name", "web").succeeds();
    assertThat(mnt.resolve("etc/motd")).hasContent("below\n");
    launcher.lamina("umount", "web").succeeds();
  }

  @Test
  void readOnlyMount_holdsItsImage_untilItEnds() throws Exception {
    Path mnt = scratch.directory("mnt");
    launcher.lamina("mount", "--read-only", "image:v1", mnt).succeeds();
    launcher.lamina("untag", "image:v1").succeeds();
    launcher.lamina("gc", "--untagged").succeeds();
    assertThat(mnt.resolve("srv/data")).hasContent("data\n");
    launcher.lamina("umount", mnt).succeeds();
    CommandResult would = launcher.lamina("gc", "--untagged", "--dry-run").succeeds();
    assertThat(would.out()).contains("Would delete: image " + id).contains("Reclaimable: ");
    CommandResult done = launcher.lamina("gc", "--untagged").succeeds();
    assertThat(done.out()).contains("Deleted: image " + id, "Deleted: blob ", "Reclaimed: ");
    assertThat(state.root().resolve("blobs/sha256")).isEmptyDirectory();
    state.holdsOnly();
  }

  @Test
  void verify_findsDamage_andRepairs() throws Exception {
    assertThat(launcher.lamina("verify").succeeds().line())
        .isEqualTo("2 layers and 2 blobs checked, 0 damaged, 0 repaired");
    Path file = state.image(id).layers().get(0).tree().resolve("srv/data");
    Files.writeString(file, "evil\n");
    CommandResult found = launcher.lamina("verify").exits(4);
    assertThat(found.out()).contains("its files are not those that were unpacked; try --repair");
    JsonNode json =
        JSON.readTree(launcher.lamina("verify", "--repair", "--format", "json").succeeds().out());
    assertThat(json.at("/findings/0/repaired").asBoolean()).isTrue();
    assertThat(file).hasContent("data\n");
    launcher.lamina("verify").succeeds();
  }

  @Test
  void df_countsEverythingOnce() throws Exception {
    JsonNode rows =
        JSON.readTree(launcher.lamina("system", "df", "--format", "json").succeeds().out());
    assertThat(rows.findValuesAsText("type"))
        .containsExactly("Images", "Containers", "Layers", "Blobs");
    assertThat(rows.at("/0/total").asInt()).isEqualTo(1);
    assertThat(rows.at("/2/total").asInt()).isEqualTo(2);
    assertThat(rows.at("/0/size").asLong()).isEqualTo(rows.at("/2/size").asLong());
    assertThat(rows.at("/0/reclaimable").asLong()).isEqualTo(rows.at("/0/size").asLong());
    Path mnt = scratch.directory("mnt");
    launcher.lamina("mount", "image:v1", mnt, "--name", "web").succeeds();
    Files.write(mnt.resolve("large"), new byte[1_000_000]);
    CommandResult table = launcher.lamina("system", "df").succeeds();
    assertThat(table.out())
        .containsPattern("TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE")
        .containsPattern("Images +1 +1 +\\S+ +0B \\(0%\\)")
        .containsPattern("Containers +1 +1 +1\\.0\\dMB +0B \\(0%\\)");
    launcher.lamina("umount", "web").succeeds();
    assertThat(launcher.lamina("system").exits(2).message()).contains("df");
  }

  @Test
  void droppedBlobs_areNotThere_andTheImageMountsAsEver() throws Exception {
    launcher.lamina("rmi", "image:v1").succeeds();
    assertThat(launcher.lamina("unpack", "--drop-blobs", image).succeeds().line()).isEqualTo(id);
    assertThat(state.root().resolve("blobs/sha256")).isEmptyDirectory();
    Path mnt = scratch.directory("mnt");
    launcher.lamina("mount", "--read-only", "image:v1", mnt).succeeds();
    assertThat(mnt.resolve("srv/data")).hasContent("data\n");
    launcher.lamina("umount", mnt).succeeds();
    launcher.lamina("verify").succeeds();
  }

  @Test
  void platformOfASingleImage_isComparedWithTheOneAskedFor() throws Exception {
    assertThat(launcher.lamina("unpack", "--platform", "linux/s390x", image).exits(3).message())
        .contains("is for linux/")
        .contains("not for linux/s390x");
  }
}
