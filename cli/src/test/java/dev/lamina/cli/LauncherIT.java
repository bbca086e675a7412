package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What launch.sh does before there is a JVM. */
final class LauncherIT extends EndToEnd {
  private static final String C1_ALONE = "-XX:TieredStopAtLevel=1 ";

  /** A clone with what package has made, and no class-data-sharing archive yet. */
  private static Path builtClone(MountScratch scratch) throws Exception {
    Path clone = scratch.directory("clone");
    Launcher.sh(
            "cd $1; mkdir -p $2/cli/target/lamina $2/cli/src/main; cp lamina fuse-lamina $2;"
                + " cp -r cli/target/lamina/lib cli/target/lamina/classpath $2/cli/target/lamina;"
                + " cp -r cli/src/main/launcher $2/cli/src/main",
            Launcher.CLONE,
            clone)
        .succeeds();
    return clone;
  }

  private static List<Path> made(Path clone) throws IOException {
    try (Stream<Path> entries = Files.list(clone.resolve("cli/target/lamina"))) {
      return entries.filter(path -> path.toString().contains("classes")).toList();
    }
  }

  @Test
  void launcher_afterPackage_buildsNothing(MountScratch scratch) throws Exception {
    CommandResult images = Launcher.withRoot(scratch.directory("state")).lamina("images");
    assertThat(images.succeeds().err()).isEmpty();
  }

  @Test
  void launcher_fourFirstStartsAtOnce_makeOneArchive(MountScratch scratch) throws Exception {
    Path clone = builtClone(scratch);
    Launcher launcher = Launcher.withRoot(scratch.directory("state")).in(clone);
    List<ChildProcess> starts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      starts.add(launcher.startLamina("images", "-q"));
    }
    for (ChildProcess start : starts) {
      assertThat(start.await().succeeds().err()).isEmpty();
    }
    assertThat(made(clone)).hasSize(1).allMatch(path -> path.toString().endsWith(".jsa"));
    Path archive = made(clone).get(0);
    assertThat(archive).isNotEmptyFile();
    Object inode = Files.getAttribute(archive, "unix:ino");

    CommandResult strict =
        launcher.with("LAMINA_JVM_OPTS", "-Xshare:on").lamina("images", "-q").succeeds();
    assertThat(strict.err()).as("the JVM takes the archive").isEmpty();
    assertThat(Files.getAttribute(archive, "unix:ino")).isEqualTo(inode);
  }

  @Test
  void launcher_javaTooOld_saysSo(MountScratch scratch) throws Exception {
    Path jdk = scratch.directory("jdk-11");
    Path java = scratch.directory("jdk-11/bin").resolve("java");
    Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"11.0.22\"\n");
    Launcher.sh("printf '#!/bin/sh\\nexit 99\\n' >$1; chmod +x $1", java).succeeds();
    Launcher launcher = Launcher.withRoot(scratch.root().resolve("state"));
    assertThat(launcher.with("LAMINA_JAVA", java).lamina("images").exits(1).message())
        .isEqualTo("lamina: " + java + " is Java 11.0.22; Lamina needs 17 or newer");
    assertThat(launcher.with("LAMINA_JAVA", jdk).lamina("images").exits(1).message())
        .isEqualTo("lamina: " + jdk + " is not a java command");
  }

  @Test
  void launcher_inACloneOfAnyName_starts(MountScratch scratch) throws Exception {
    Path odd = Files.move(builtClone(scratch), scratch.root().resolve("a b&c"));
    Launcher.withRoot(scratch.directory("state")).in(odd).lamina("images").succeeds();
  }

  @Test
  void launcher_inADirectoryThatIsGone_saysSo(MountScratch scratch) throws Exception {
    CommandResult result =
        Launcher.sh(
            "cd $1; rmdir $1; exec $2/lamina images", scratch.directory("gone"), Launcher.CLONE);
    assertThat(result.exits(1).err())
        .endsWith("lamina: the current directory does not exist any more\n")
        .doesNotContain("Error occurred");
  }

  @Test
  void launcher_throughASymlink_findsItsClone(MountScratch scratch) throws Exception {
    Path link = scratch.root().resolve("lamina");
    Files.createSymbolicLink(link, Launcher.CLONE.resolve("lamina"));
    Launcher.withRoot(scratch.directory("state")).in(scratch.root()).lamina("images").succeeds();
  }

  @Test
  void launcher_givesUpTheBetterCompiler_whereNothingIsUnpacked(MountScratch scratch)
      throws Exception {
    Path said = scratch.root().resolve("said");
    Path java = scratch.root().resolve("java");
    Files.writeString(java, "#!/bin/sh\necho \"$@\" >" + said + "; exit 99\n");
    Launcher.sh("chmod +x $1", java).succeeds();
    Launcher launcher =
        Launcher.withRoot(scratch.directory("state"))
            .in(builtClone(scratch))
            .with("LAMINA_JAVA", java)
            .with("LAMINA_DAEMON", "off");
    Path there = scratch.directory("there");
    Path archive = Files.createFile(scratch.root().resolve("debian.tar"));

    launcher.lamina("mount", "debian", there);
    assertThat(said).content().contains(C1_ALONE, "mount debian");
    launcher.lamina("bundle", "--name", "x", "debian", there);
    assertThat(said).content().contains(C1_ALONE, "bundle --name");
    launcher.lamina("run", "debian", "ls");
    assertThat(said).content().contains(C1_ALONE, "run debian");
    launcher.lamina("daemon");
    assertThat(said).content().contains(C1_ALONE, "daemon");
    launcher.fuseLamina("-o", "lowerdir=/a", there);
    assertThat(said).content().contains(C1_ALONE, "lowerdir=/a");

    launcher.lamina("mount", "oci:images:debian", there);
    assertThat(said).content().doesNotContain(C1_ALONE).contains("mount oci:");
    launcher.lamina("mount", archive, there);
    assertThat(said).content().doesNotContain(C1_ALONE).contains("debian.tar");
    launcher.lamina("run", archive, "ls");
    assertThat(said).content().doesNotContain(C1_ALONE).contains("debian.tar");
    launcher.lamina("unpack", archive);
    assertThat(said).content().doesNotContain(C1_ALONE).contains("unpack");
  }
}
