package dev.lamina.cli;

import static dev.lamina.cli.StateDirectory.isMounted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is not root, in a clone that somebody else has built and that he cannot write. */
final class OrdinaryUserIT extends EndToEnd {
  /** Puts something that cannot be run in the place of fusermount3, in a mount namespace. */
  private static final String WITHOUT_FUSERMOUNT =
      """
      for name in fusermount3 fusermount; do
        if path=$(command -v $name); then mount --bind /dev/null "$(readlink -f "$path")"; fi
      done
      exec "$@"
      """;

  private StateDirectory state;
  private Launcher nobody;
  private String image;
  private Path mnt;

  @BeforeEach
  void makeClone(MountScratch scratch) throws Exception {
    OrdinaryUser user = OrdinaryUser.in(scratch);
    mnt = user.own("home/mnt");
    image = TestImages.small(scratch.root().resolve("image"));
    state = new StateDirectory(user.home().resolve("state"));
    nobody = user.launcher(state);
  }

  @Test
  void unpack_asAnOrdinaryUser_works() throws Exception {
    CommandResult unpacked = nobody.lamina("unpack", image).succeeds();
    assertThat(unpacked.messages()).isEmpty();
    assertThat(nobody.lamina("images").succeeds().out()).contains("image", "v1");
    state.holdsOnly();
  }

  @Test
  void mount_withoutFusermount_saysWhatToInstall() throws Exception {
    Launcher without =
        nobody.through(
            "unshare",
            "--mount",
            "sh",
            "-ec",
            WITHOUT_FUSERMOUNT,
            "sh",
            "setpriv",
            "--reuid",
            OrdinaryUser.UID,
            "--regid",
            OrdinaryUser.UID,
            "--clear-groups");
    CommandResult mount = without.lamina("mount", image, mnt).exits(7);
    assertThat(mount.message())
        .isEqualTo("lamina mount: mounting needs root, or fusermount3 (Debian package fuse3)");
    assertThat(isMounted(mnt)).isFalse();
    state.holdsOnly();

    CommandResult fuse = without.fuseLamina("-o", "lowerdir=/usr", mnt).exits(7);
    assertThat(fuse.message())
        .isEqualTo("fuse-lamina: mounting needs root, or fusermount3 (Debian package fuse3)");
  }

  @Test
  void images_stateOfAnotherUser_isDenied(MountScratch scratch) throws Exception {
    Path foreign = scratch.directory("foreign");
    CommandResult images = nobody.lamina("--root", foreign, "images").exits(1);
    assertThat(images.message()).contains(foreign.toString());
  }
}
