package dev.lamina.cli;

import static dev.lamina.fixtures.tree.TreeSnapshotAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRegistry;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.TreeSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code lamina commit} and {@code save}. */
final class CommitIT extends EndToEnd {
  /** One change of each kind. */
  private static final String CHANGES =
      """
      cd "$1"
      echo more >>etc/motd
      rm etc/group
      mkdir -p new/deep && echo x >new/deep/x && ln new/deep/x new/y && ln -s deep new/link
      mv srv moved
      mkdir srv && echo other >srv/other
      chmod 1777 new && chown 12:34 new/y && touch -d @1000000000 new/y
      setfattr -n user.note -v hello new/y
      setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 new/y
      mkfifo new/pipe
      truncate -s 4M new/holes && echo end >>new/holes
      """;

  private StateDirectory state;
  private Launcher launcher;
  private String image;
  private Path mnt;

  @BeforeEach
  void makeImage(MountScratch scratch) throws Exception {
    state = new StateDirectory(scratch.root().resolve("state"));
    launcher = state.launcher();
    image = TestImages.small(scratch.root().resolve("image"));
    mnt = scratch.directory("mnt");
  }

  private TreeSnapshot change() throws Exception {
    launcher.lamina("mount", image, mnt, "--name", "mine").succeeds();
    Launcher.sh("set -e\n" + CHANGES, mnt).succeeds();
    TreeSnapshot tree = TreeSnapshot.of(mnt, Detail.MERGED_VIEW);
    launcher.lamina("umount", "mine").succeeds();
    return tree;
  }

  private TreeSnapshot mounted(String name) throws Exception {
    launcher.lamina("mount", "--read-only", name, mnt).succeeds();
    TreeSnapshot tree = TreeSnapshot.of(mnt, Detail.MERGED_VIEW);
    launcher.lamina("umount", mnt).succeeds();
    return tree;
  }

  @Test
  void commitThenMount_givesTheSameTree() throws Exception {
    TreeSnapshot changed = change();
    String id = launcher.lamina("commit", "mine", "changed:v2").succeeds().line();
    assertThat(id).startsWith("sha256:");
    assertThat(mounted("changed:v2")).isSameTreeAs(changed);
    assertThat(launcher.lamina("diff", "mine").succeeds().out()).as("stays").isNotEmpty();
  }

  @Test
  void commit_keepsTheConfigurationAndTellsTheHistory() throws Exception {
    change();
    launcher
        .lamina("commit", "mine", "changed:v2", "-m", "why", "-a", "me", "-c", "ENV A=b")
        .succeeds();
    JsonNode inspected =
        new ObjectMapper()
            .readTree(launcher.lamina("inspect", "changed:v2").succeeds().out())
            .get(0);
    assertThat(inspected.toString()).contains("A=b").contains("\"why\"").contains("\"me\"");
    assertThat(launcher.lamina("history", "-q", "changed:v2").succeeds().out().lines()).hasSize(3);
  }

  @Test
  void equalChangesUnderSourceDateEpoch_makeOneImage() throws Exception {
    change();
    Launcher dated = launcher.with("SOURCE_DATE_EPOCH", "1500000000");
    String first = dated.lamina("commit", "mine").succeeds().line();
    assertThat(dated.lamina("commit", "mine").succeeds().line()).isEqualTo(first);
    assertThat(launcher.lamina("commit", "mine").succeeds().line()).isNotEqualTo(first);
  }

  @Test
  void commitOfAMountedContainer_isRefused() throws Exception {
    launcher.lamina("mount", image, mnt, "--name", "mine").succeeds();
    CommandResult refused = launcher.lamina("commit", "mine");
    assertThat(refused.status()).isEqualTo(ExitStatus.BUSY);
    assertThat(refused.message()).contains("mounted on " + mnt);
  }

  /** It would delete {@code etc} of all that is below. */
  @Test
  void nameThatALayerCannotHold_isRefused() throws Exception {
    launcher.lamina("mount", image, mnt, "--name", "mine").succeeds();
    Files.createDirectories(mnt.resolve("new/.wh.etc"));
    launcher.lamina("umount", "mine").succeeds();
    CommandResult refused = launcher.lamina("commit", "mine", "changed:v2");
    assertThat(refused.status()).isEqualTo(ExitStatus.BAD_IMAGE);
    assertThat(refused.message()).contains("/new/.wh.etc: ");
    assertThat(launcher.lamina("images", "changed").succeeds().out().lines()).hasSize(1);
  }

  @Test
  void layer_hasItsWhiteoutsFirst_andNoSockets() throws Exception {
    launcher.lamina("mount", image, mnt, "--name", "mine").succeeds();
    String socket =
        "perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Listen=>1,Local=>\"etc/b\")'";
    Launcher.sh("set -e; cd $1; rm etc/group; echo >etc/a; test -S etc/b || " + socket, mnt)
        .succeeds();
    launcher.lamina("umount", "mine").succeeds();
    CommandResult commit = launcher.lamina("commit", "mine", "changed:v2").succeeds();
    assertThat(commit.message()).contains("left out, a socket: /etc/b");
    Path blobs = state.root().resolve("blobs/sha256");
    String hex = state.image("changed:v2").layers().get(0).blob().orElseThrow().digest().hex();
    assertThat(Launcher.sh("tar -tzf $1", blobs.resolve(hex)).succeeds().out())
        .isEqualTo("etc/\netc/.wh.group\netc/a\n");
    assertThat(Launcher.sh("tar --utc -tvzf $1 etc/.wh.group", blobs.resolve(hex)).succeeds().out())
        .contains(" 1970-01-01 00:00 ");
  }

  @Test
  void commitOfNothing_addsNoLayer() throws Exception {
    launcher.lamina("create", image, "--name", "mine").succeeds();
    launcher.lamina("commit", "mine", "same:v1").succeeds();
    assertThat(launcher.lamina("diff", "image:v1", "same:v1").succeeds().out()).isEmpty();
    assertThat(launcher.lamina("history", "same:v1").succeeds().out()).contains("0B");
  }

  @Test
  void savedImage_isReadBackEqual(MountScratch scratch) throws Exception {
    TreeSnapshot changed = change();
    String id = launcher.lamina("commit", "mine", "localhost/changed:v2").succeeds().line();
    Path layout = scratch.root().resolve("layout");
    Path archive = scratch.root().resolve("archive.tar");
    Path docker = scratch.root().resolve("docker.tar");
    List<String> targets =
        List.of(
            "oci:" + layout + ":b", "oci-archive:" + archive + ":b", "docker-archive:" + docker);
    for (String target : targets) {
      launcher.lamina("save", "image:v1", target.replaceAll(":b$", ":a")).succeeds();
      launcher.lamina("save", "changed:v2", target).succeeds();
      Launcher other =
          new StateDirectory(scratch.root().resolve("other" + targets.indexOf(target))).launcher();
      assertThat(other.lamina("unpack", target).succeeds().line()).isEqualTo(id);
    }
    Launcher both = new StateDirectory(scratch.root().resolve("both")).launcher();
    both.lamina("unpack", "oci:" + layout + ":a").succeeds();
    both.lamina("mount", "--read-only", "oci:" + layout + ":b", mnt).succeeds();
    assertThat(TreeSnapshot.of(mnt, Detail.MERGED_VIEW)).isSameTreeAs(changed);
    both.lamina("umount", mnt).succeeds();
    assertThat(layout.toFile().list())
        .containsExactlyInAnyOrder("blobs", "index.json", "oci-layout");
  }

  @Test
  @RequiresRegistry // for skopeo, umoci and podman
  void whatOtherProgramsRead_isTheImage(MountScratch scratch) throws Exception {
    TreeSnapshot changed = change();
    String id = launcher.lamina("commit", "mine", "localhost/changed:v2").succeeds().line();
    Path layout = scratch.root().resolve("layout");
    Path docker = scratch.root().resolve("docker.tar");
    launcher.lamina("save", "changed:v2", "oci:" + layout + ":v2").succeeds();
    launcher.lamina("save", "changed:v2", "docker-archive:" + docker).succeeds();
    for (String source : List.of("oci:" + layout + ":v2", "docker-archive:" + docker)) {
      String config = "skopeo inspect --config --raw $1 | sha256sum | cut -d' ' -f1";
      assertThat("sha256:" + Launcher.sh(config, source).succeeds().line()).isEqualTo(id);
    }
    Path unpacked = scratch.root().resolve("unpacked");
    Launcher.sh("umoci raw unpack --image $1:v2 $2", layout, unpacked).succeeds();
    assertThat(TreeSnapshot.of(unpacked, Detail.MERGED_VIEW)).isSameTreeAs(changed);
    String podman = "podman --root $1/podman --runroot $1/podman-run --storage-driver vfs";
    Launcher.sh(podman + " load -q -i $2", scratch.root(), docker).succeeds();
    Path rootfs =
        Path.of(
            Launcher.sh(podman + " image mount localhost/changed:v2", scratch.root())
                .succeeds()
                .line());
    assertThat(rootfs.resolve("etc/motd")).hasContent("below\nmore\n");
    assertThat(rootfs.resolve("etc/group")).doesNotExist();
    assertThat(rootfs.resolve("moved/data")).hasContent("data\n");
    assertThat(rootfs.resolve("srv/data")).doesNotExist();
    assertThat(Files.readSymbolicLink(rootfs.resolve("new/link"))).hasToString("deep");
    assertThat(Files.getAttribute(rootfs.resolve("new/y"), "unix:nlink")).isEqualTo(2);
    Launcher.sh(podman + " image unmount -a", scratch.root()).succeeds();
  }
}
