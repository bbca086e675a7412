package dev.lamina.cli;

import static dev.lamina.cli.StateDirectory.isMounted;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterables;
import dev.lamina.docs.Snippet;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFusermount;
import dev.lamina.linux.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What podman, buildah and CRI-O expect of a mount program (containers/storage). */
final class FuseLaminaIT extends EndToEnd {
  private Launcher launcher;
  private Path lower;
  private Path upper;
  private Path work;
  private Path mnt;

  @BeforeEach
  void makeLayers(MountScratch scratch) throws IOException {
    launcher = Launcher.withRoot(scratch.root().resolve("unused"));
    lower = scratch.directory("lower");
    upper = scratch.directory("upper");
    work = scratch.directory("work");
    mnt = scratch.directory("mnt");
    Files.writeString(lower.resolve("file"), "content\n");
    Files.writeString(lower.resolve(".wh.gone"), "");
  }

  private String writable() {
    return "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work;
  }

  @Test
  void mount_writable_isLiveAndSilentWhenItReturns() throws Exception {
    CommandResult result = launcher.fuseLamina("-o", writable(), mnt).succeeds();
    // That the result is here proves more: the server holds no end of its caller's pipes.
    assertThat(result.out() + result.err()).isEmpty();
    Launcher.sh("cd $1; cat file; echo more >>file; rm file; echo new >new", mnt).succeeds();
    assertThat(upper.resolve("new")).hasContent("new\n");
    assertThat(lower.resolve("file")).hasContent("content\n");
    assertThat(mnt.resolve(".wh.gone")).doesNotExist();
  }

  @Test
  void mount_filesystemType_isFuse() throws Exception {
    launcher.fuseLamina("-o", writable(), mnt).succeeds();
    assertThat(Launcher.sh("stat -f -c %t $1", mnt).succeeds().line()).isEqualTo("65735546");
  }

  @ParameterizedTest
  @ValueSource(strings = {"io_uring=auto", "io_uring=off", "io_uring=off,passthrough=off"})
  void mount_servedAnyWay_isLive(String serving) throws Exception {
    launcher.fuseLamina("-o", writable() + "," + serving, mnt).succeeds();
    Launcher.sh("cd $1; cat file; echo new >new", mnt).succeeds();
    assertThat(upper.resolve("new")).hasContent("new\n");
  }

  @Test
  void mount_ioUringOfAnUnknownKind_isAMistakeOfTheCaller() throws Exception {
    CommandResult result = launcher.fuseLamina("-o", writable() + ",io_uring=maybe", mnt);
    result.exits(ExitStatus.USAGE);
    assertThat(result.err()).contains("io_uring= is auto, on or off, not maybe");
  }

  @Test
  void mount_withTheKernelsMarksOnly_hasNamesThatOthersDeleteBy() throws Exception {
    launcher.fuseLamina("-o", writable() + ",marks=kernel", mnt).succeeds();
    Launcher.sh("cd $1; echo a name >.wh.file; cat .wh.gone file .wh.file", mnt).succeeds();
    assertThat(upper.resolve(".wh.file")).hasContent("a name\n");
    CommandResult result = launcher.fuseLamina("-o", writable() + ",marks=aufs", mnt);
    assertThat(result.exits(ExitStatus.USAGE).err()).contains("marks= is any or kernel, not aufs");
  }

  @Test
  void mount_lowerdirOnly_isReadOnly() throws Exception {
    launcher.fuseLamina("-o", "lowerdir=" + lower, mnt).succeeds();
    assertThat(Launcher.sh("touch $1/file", mnt).err()).contains("Read-only file system");
    assertThat(mnt.resolve("file")).hasContent("content\n");
  }

  @Test
  void mount_escapedColonsInLowers_areNames(MountScratch scratch) throws Exception {
    Path colon = scratch.directory("a:b");
    Files.writeString(colon.resolve("with-colon"), "");
    String lowers = colon.toString().replace(":", "\\:") + ":" + lower;
    launcher.fuseLamina("-o", "lowerdir=" + lowers, mnt).succeeds();
    assertThat(mnt.resolve("with-colon")).exists();
    assertThat(mnt.resolve("file")).exists();
  }

  @Test
  void mount_pathsOfAnyCharacters_areTakenEscaped(MountScratch scratch) throws Exception {
    Path odd = scratch.directory("a:b,c\\d \"e' f=");
    List<String> options = new ArrayList<>();
    for (String option : List.of("lowerdir", "upperdir", "workdir")) {
      Path layer = Files.createDirectory(odd.resolve(option));
      options.add(option + "=" + layer.toString().replaceAll("([\\\\:,\"])", "\\\\$1"));
    }
    Files.writeString(odd.resolve("lowerdir/below"), "");
    launcher.fuseLamina("-o", String.join(",", options), mnt).succeeds();
    Files.move(mnt.resolve("below"), mnt.resolve("moved"));
    assertThat(odd.resolve("upperdir/moved")).exists();
  }

  @Test
  void mountPointInsideALayer_isRefused() throws Exception {
    Path inside = Files.createDirectory(lower.resolve("inside"));
    CommandResult result = launcher.fuseLamina("-o", writable(), inside).exits(5);
    assertThat(result.message())
        .contains("mount point " + inside + " lies inside lowerdir " + lower);
    assertThat(isMounted(inside)).isFalse();
  }

  @Test
  void issue393_issue344_mountPointThatIsALower_isLive() throws Exception {
    launcher.fuseLamina("-o", writable(), lower).succeeds();
    Launcher.sh("cd $1; cat file; echo new >new; ls", lower).succeeds();
    assertThat(upper.resolve("new")).hasContent("new\n");
  }

  @Test
  void redirectDir_saysWhetherALowerDirectoryMoves() throws Exception {
    Files.writeString(Files.createDirectory(lower.resolve("d")).resolve("below"), "");
    Files.createDirectory(lower.resolve("e"));
    String rename = "cd $1; python3 -c 'import os, sys; os.rename(*sys.argv[1:])' $2 $3";
    launcher.fuseLamina("-o", writable() + ",redirect_dir=off", mnt).succeeds();
    assertThat(Launcher.sh(rename, mnt, "d", "moved").exits(1).err()).contains("cross-device");
    unmounted();
    launcher.fuseLamina("-o", writable(), mnt).succeeds();
    Launcher.sh(rename + "; ls moved/below", mnt, "d", "moved").succeeds();
    unmounted();
    launcher.fuseLamina("-o", writable() + ",redirect_dir=follow", mnt).succeeds();
    Launcher.sh("ls $1/moved/below", mnt).succeeds();
    Launcher.sh(rename, mnt, "e", "elsewhere").exits(1);
    unmounted();
    launcher.fuseLamina("-o", writable() + ",redirect_dir=nofollow", mnt).succeeds();
    assertThat(Launcher.sh("ls $1/moved", mnt).err()).contains("not permitted");
    unmounted();
    CommandResult result = launcher.fuseLamina("-o", writable() + ",redirect_dir=no", mnt).exits(2);
    assertThat(result.err()).contains("redirect_dir= is on, follow, nofollow or off, not no");
  }

  @Test
  void noatime_leavesAccessTimesOfTheUpperToo() throws Exception {
    String touchAndRead = "cd $1; touch -a -d @1 file; cat file >/dev/null; stat -c %X file";
    launcher.fuseLamina("-o", writable(), mnt).succeeds();
    assertThat(Launcher.sh(touchAndRead, mnt).succeeds().line()).isNotEqualTo("1");
    unmounted();
    launcher.fuseLamina("-o", writable() + ",noatime,passthrough=off", mnt).succeeds();
    assertThat(Launcher.sh(touchAndRead, mnt).succeeds().line()).isEqualTo("1");
  }

  private void unmounted() throws Exception {
    Launcher.sh("umount $1", mnt).succeeds();
    StateDirectory.await("the server has ended", () -> ServerProcesses.of(mnt).isEmpty());
  }

  @Test
  void upperInUse_isRefused_withAnotherWorkDirectory(MountScratch scratch) throws Exception {
    launcher.fuseLamina("-o", writable(), mnt).succeeds();
    String other = writable().replace(work.toString(), scratch.directory("work2").toString());
    CommandResult result = launcher.fuseLamina("-o", other, scratch.directory("mnt2")).exits(6);
    assertThat(result.message()).contains("upperdir " + upper + " is in use");
  }

  @Test
  void volatileUpper_isRefusedUntilItsMarkIsRemoved() throws Exception {
    launcher.fuseLamina("-o", writable() + ",volatile", mnt).succeeds();
    Launcher.sh("echo x >$1/x; sync $1/x; umount $1", mnt).succeeds();
    StateDirectory.await("the server has ended", () -> ServerProcesses.of(mnt).isEmpty());
    Path mark = work.resolve("work/incompat/volatile");
    CommandResult result = launcher.fuseLamina("-o", writable(), mnt).exits(1);
    assertThat(result.message()).contains("mounted volatile", "remove " + mark);
    String remove = "ln -s $1 $2/WORK; cd $2; " + Snippet.VOLATILE_MARK.text();
    Launcher.sh(remove, work, work.getParent()).succeeds();
    launcher.fuseLamina("-o", writable() + ",fsync=0", mnt).succeeds();
    Launcher.sh("sync $1/x; umount $1", mnt).succeeds();
    StateDirectory.await("the server has ended", () -> ServerProcesses.of(mnt).isEmpty());
    launcher.fuseLamina("-o", writable(), mnt).succeeds();
  }

  @Test
  void mount_lowersThatAreSymlinks_areFollowed(MountScratch scratch) throws Exception {
    Path link = Files.createSymbolicLink(scratch.root().resolve("link"), lower);
    launcher.fuseLamina("-o", "lowerdir=" + link, mnt).succeeds();
    assertThat(mnt.resolve("file")).hasContent("content\n");
  }

  @Test
  void mount_relativePaths_areThoseOfTheCaller(MountScratch scratch) throws Exception {
    launcher
        .through("env", "-C", scratch.root())
        .fuseLamina("-o", "lowerdir=lower,upperdir=upper,workdir=work", "mnt")
        .succeeds();
    Launcher.sh("echo more >>$1/file", mnt).succeeds();
    assertThat(upper.resolve("file")).hasContent("content\nmore\n");
  }

  @Test
  void mount_fiveHundredLowers_showsAll(MountScratch scratch) throws Exception {
    List<String> lowers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      Path layer = scratch.directory("l/" + i);
      Files.writeString(layer.resolve("f" + i), "");
      Files.writeString(layer.resolve("same"), "layer " + i + "\n");
      lowers.add(layer.toString());
    }
    launcher.fuseLamina("-o", "lowerdir=" + String.join(":", lowers), mnt).succeeds();
    try (Stream<Path> entries = Files.list(mnt)) {
      assertThat(entries).hasSize(501);
    }
    assertThat(mnt.resolve("same")).hasContent("layer 0\n");
  }

  @Test
  void mount_unknownOptions_areNamedAndIgnored() throws Exception {
    CommandResult result =
        launcher
            .fuseLamina(
                "-o", writable() + ",context=\"system_u:c1,c2\",volatile,uuid=on,fsync=0", mnt)
            .succeeds();
    assertThat(result.err().lines())
        .containsExactly(
            "fuse-lamina: unknown option ignored: context",
            "fuse-lamina: unknown option ignored: uuid");
    assertThat(mnt.resolve("file")).exists();
  }

  @Test
  void mount_withMetacopiesAndDataOnlyLayers_leavesDataWhereItIs(MountScratch scratch)
      throws Exception {
    Path data = scratch.directory("data");
    Launcher.sh(
            "echo blob >$1/blob; truncate -s 5 $2/f; setfattr -n trusted.overlay.metacopy $2/f;"
                + " setfattr -n trusted.overlay.redirect -v /blob $2/f",
            data,
            lower)
        .succeeds();
    // What podman passes where storage.conf asks for metacopies.
    String options =
        ("lowerdir=" + lower + "::" + data + ",upperdir=" + upper + ",workdir=" + work)
            + ",metacopy=on,redirect_dir=on";
    launcher.fuseLamina("-o", options, mnt).succeeds();
    Launcher.sh("chmod 600 $1/f $1/file; test ! -e $1/blob; cat $1/f", mnt).succeeds();
    assertThat(Launcher.sh("cat $1/f $1/file", mnt).succeeds().out()).isEqualTo("blob\ncontent\n");
    assertThat(Launcher.sh("getfattr --only-values -n trusted.overlay.metacopy $1/file", upper))
        .satisfies(CommandResult::succeeds);
  }

  @Test
  void mount_metacopiesWithoutRedirects_isAUsageError() throws Exception {
    CommandResult result =
        launcher.fuseLamina("-o", writable() + ",metacopy=on,redirect_dir=off", mnt);
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("metacopy=on needs redirect_dir=on");
  }

  @Test
  void mount_sourceBeforeTheMountPoint_isShown() throws Exception {
    launcher.fuseLamina("overlay", mnt, "-o", writable(), "-o", "nosuid,nodev").succeeds();
    MountTable.Entry entry = MountTable.at(mnt).orElseThrow();
    assertThat(entry.source()).isEqualTo("overlay");
    assertThat(entry.type()).isEqualTo("fuse.lamina");
    assertThat(Launcher.sh("findmnt -no VFS-OPTIONS $1", mnt).succeeds().line())
        .contains("nosuid", "nodev");
  }

  @ParameterizedTest
  @ValueSource(strings = {"fusermount3 -u", "umount", "umount -l"})
  @RequiresFusermount
  void unmount_byAnyProgram_endsTheServer(String program) throws Exception {
    launcher.fuseLamina("-o", writable(), mnt).succeeds();
    long server = server(mnt);
    Launcher.sh("echo last >$1/last; " + program + " $1", mnt).succeeds();
    StateDirectory.await("the server has ended", () -> !Servers.isRunning(server));
    assertThat(upper.resolve("last")).hasContent("last\n");
    assertThat(isMounted(mnt)).isFalse();
    launcher.fuseLamina("-o", writable(), mnt).succeeds();
  }

  @Test
  void mountAtOnceAfterAnUnmount_waitsForTheServerThatBringsFilesUp() throws Exception {
    Launcher.sh("head -c 200M /dev/urandom >$1/large; cp $1/large $2", lower, work.getParent())
        .succeeds();
    Path expected = work.resolveSibling("large");
    String write = "printf $1 | dd of=$2 bs=1 seek=$3 conv=notrunc status=none";
    for (int round = 0; round < 4; round++) {
      launcher.fuseLamina("-o", writable(), mnt).succeeds();
      for (Path file : List.of(mnt.resolve("large"), expected)) {
        Launcher.sh(write, "round" + round, file, 50_000_000 * round).succeeds();
      }
      Launcher.sh("umount $1", mnt).succeeds();
    }
    launcher.fuseLamina("-o", writable(), mnt).succeeds();
    Launcher.sh("cmp $1/large $2", mnt, expected).succeeds();
  }

  @Test
  void server_keepsNoDirectoryOfItsCallerBusy(MountScratch scratch) throws Exception {
    launcher.through("env", "-C", scratch.root()).fuseLamina("-o", writable(), mnt).succeeds();
    Path cwd = Path.of("/proc", Long.toString(server(mnt)), "cwd");
    assertThat(Files.readSymbolicLink(cwd)).isEqualTo(Path.of("/"));
  }

  @Test
  void server_inTheForeground_endsWithTheMount() throws Exception {
    ChildProcess server = launcher.startFuseLamina("-f", "-o", writable(), mnt);
    StateDirectory.await("it is live", () -> isMounted(mnt));
    Launcher.sh("echo x >$1/x; umount $1", mnt).succeeds();
    server.await().succeeds();
  }

  private static long server(Path mountPoint) throws IOException {
    return Iterables.getOnlyElement(ServerProcesses.of(mountPoint));
  }
}
