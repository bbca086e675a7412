package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.docs.Snippet;
import dev.lamina.fixtures.mount.MountScratch;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code lamina demo}, the command of the README. */
final class DemoIT extends EndToEnd {
  private static final List<String> STEPS =
      List.of(
          "unpacked and verified 3 layers",
          "mounted on",
          "a program of the image, run in a chroot",
          "D /etc/group",
          "C /etc/motd",
          "A /srv/hello",
          "lower layers are byte for byte what they were",
          "the changes are still there",
          "cleaned up; nothing is left");

  @Test
  void demo_withoutAnImage_makesOneAndTellsEachStep(MountScratch scratch) throws Exception {
    Path home = scratch.directory("home");
    CommandResult demo =
        Launcher.sh(
                "export LAMINA_ROOT=$1; cd $2; " + Snippet.DEMO.text(),
                home.resolve("state"),
                Launcher.CLONE)
            .succeeds();
    assertThat(demo.out()).contains("built a three-layer image").containsSubsequence(STEPS);
    assertThat(demo.messages()).isEmpty();
    assertThat(home).isEmptyDirectory();
  }

  @Test
  void demo_withAnImage_usesThat(MountScratch scratch) throws Exception {
    Path home = scratch.directory("home");
    HostImage.build(scratch.directory("images"));
    Path layout = scratch.root().resolve("images/image");
    CommandResult demo =
        Launcher.withRoot(scratch.root().resolve("unused"))
            .lamina("--root", home.resolve("state"), "demo", layout)
            .succeeds();
    assertThat(demo.out()).doesNotContain("built a").containsSubsequence(STEPS);
    assertThat(home).isEmptyDirectory();
  }

  @Test
  void demo_imageWithoutAShell_saysSoAndLeavesNothing(MountScratch scratch) throws Exception {
    Path home = scratch.directory("home");
    String image = TestImages.small(scratch.root().resolve("no-shell"));
    CommandResult demo = Launcher.withRoot(home.resolve("state")).lamina("demo", image).exits(1);
    assertThat(demo.message()).contains("/bin/sh");
    assertThat(home).isEmptyDirectory();
  }
}
