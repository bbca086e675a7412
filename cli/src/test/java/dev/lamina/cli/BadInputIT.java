package dev.lamina.cli;

import static dev.lamina.cli.StateDirectory.isMounted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.image.Platform;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever is wrong with what a user gives: one line that names it, the exit status of docs/cli.md,
 * and nothing left behind. In the tables, IMAGE is a good image, DIR a good mount point and HERE
 * the test's directory.
 */
final class BadInputIT extends EndToEnd {
  private StateDirectory state;
  private Path here;
  private Path layout;
  private Path mnt;

  @BeforeEach
  void makeImage(MountScratch scratch) throws Exception {
    here = scratch.root();
    state = new StateDirectory(here.resolve("state"));
    layout = here.resolve("image");
    TestImages.small(layout);
    mnt = scratch.directory("mnt");
    Files.writeString(here.resolve("text"), "this is no archive, just a text\n".repeat(100));
    Files.writeString(here.resolve("empty"), "");
  }

  private CommandResult lamina(String arguments) throws Exception {
    return state.launcher().lamina(words(arguments));
  }

  private Object[] words(String arguments) {
    return Arrays.stream(arguments.split(" ", -1))
        .map(word -> word.replace("IMAGE", "oci:" + layout).replace("DIR", mnt.toString()))
        .map(word -> word.replace("HERE", here.toString()))
        .toArray();
  }

  private void nothingLeft() throws IOException {
    state.holdsOnly();
    assertThat(isMounted(mnt)).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "unpack oci:HERE/nowhere, 3, HERE/nowhere",
    "unpack oci-archive:HERE/nowhere, 3, HERE/nowhere",
    "unpack docker-archive:HERE/nowhere, 3, HERE/nowhere",
    "unpack HERE/nowhere, 3, HERE/nowhere",
    "unpack oci-archive:HERE/text, 4, HERE/text",
    "unpack docker-archive:HERE/text, 4, HERE/text",
    "unpack HERE/text, 4, HERE/text",
    "unpack HERE/empty, 4, HERE/empty",
    "unpack oci:HERE/mnt, 4, HERE/mnt",
    "unpack IMAGE:unknown, 3, unknown",
    "unpack --max-entries 1 IMAGE, 4, more than 1 entries",
    "unpack --max-bytes 1K IMAGE, 4, more than 1024 bytes",
    "unpack --max-bytes much IMAGE, 2, no size",
    "unpack IMAGE@sha256:00, 4, sha256:00",
    "unpack IMAGE --platform nonsense, 2, nonsense",
    "mount nothing-of-that-name DIR, 3, nothing-of-that-name",
    "mount IMAGE:unknown DIR, 3, unknown",
    "mount IMAGE HERE/nowhere, 5, HERE/nowhere does not exist",
    "mount IMAGE HERE/text, 5, HERE/text is not a directory",
    "mount IMAGE /proc, 6, /proc is in use",
    "mount IMAGE DIR --name ../x, 2, ../x",
    "diff nobody, 3, nobody",
    "umount nobody, 3, nobody",
    "unpack, 2, IMAGE",
    "mount IMAGE, 2, DIR",
    "mount IMAGE DIR more, 2, more",
    "mount --no-such-option IMAGE DIR, 2, --no-such-option",
    "images --format xml, 2, xml",
    "no-such-command, 2, no-such-command",
    "--root HERE/text images, 1, HERE/text",
    "--root HERE images, 1, HERE holds something else than a store",
    "export IMAGE -o /dev/full, 1, writing /dev/full: No space left on device",
    "demo HERE/nowhere, 3, HERE/nowhere",
  })
  void lamina_badInput_saysWhatInOneLine(String arguments, int status, String says)
      throws Exception {
    CommandResult result = lamina(arguments).exits(status);
    assertThat(result.message()).contains(says.replace("HERE", here.toString()));
    nothingLeft();
    try (Stream<Path> entries = Files.list(here)) {
      assertThat(entries.filter(path -> path.toString().contains("demo"))).isEmpty();
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      value = {
        "DIR; 2; lowerdir",
        "-o lowerdir= DIR; 2; lowerdir",
        "-o lowerdir=HERE; 2; MOUNTPOINT",
        "-o lowerdir=HERE/nowhere DIR; 1; HERE/nowhere",
        "-o lowerdir=HERE,index=maybe DIR; 2; index= is on or off, not maybe",
        "-o lowerdir=HERE/text DIR; 1; HERE/text",
        "-o lowerdir=HERE,upperdir=HERE/u DIR; 2; workdir",
        "-o lowerdir=HERE,upperdir=HERE/nowhere,workdir=DIR DIR; 1; HERE/nowhere",
        "-o lowerdir=HERE,upperdir=HERE/mnt,workdir=HERE/nowhere DIR; 1; HERE/nowhere",
        "-o lowerdir=HERE HERE/nowhere; 5; HERE/nowhere",
        "-o lowerdir=HERE HERE/text; 5; HERE/text",
        "-o lowerdir=HERE /proc; 6; /proc",
        "--no-such-option DIR; 2; --no-such-option",
      })
  void fuseLamina_badInput_saysWhatInOneLine(String arguments, int status, String says)
      throws Exception {
    CommandResult result = state.launcher().fuseLamina(words(arguments)).exits(status);
    assertThat(result.message()).contains(says.replace("HERE", here.toString()));
    assertThat(isMounted(mnt)).isFalse();
  }

  @Test
  void fuseLamina_workdirOfALiveMount_isBusy(MountScratch scratch) throws Exception {
    Path work = scratch.directory("work");
    String options =
        "lowerdir=" + layout + ",upperdir=" + scratch.directory("upper") + ",workdir=" + work;
    state.launcher().fuseLamina("-o", options, mnt).succeeds();
    Path other = scratch.directory("other");
    CommandResult second = state.launcher().fuseLamina("-o", options, other).exits(6);
    assertThat(second.message()).contains(work + " is in use");
    assertThat(isMounted(other)).isFalse();
    assertThat(mnt.resolve("index.json")).exists();
  }

  @Test
  void mount_directoryThatIsMountedOn_isBusy() throws Exception {
    lamina("mount IMAGE DIR --name first").succeeds();
    assertThat(lamina("mount IMAGE DIR").exits(6).message())
        .contains(mnt + " is in use: lamina:first (fuse.lamina)");
    state.holdsOnly("first");
    assertThat(mnt.resolve("srv/data")).hasContent("data\n");
  }

  @Test
  void unpack_layerWithAnotherDigest_isRefused() throws Exception {
    Path blob = largestBlob();
    byte[] bytes = Files.readAllBytes(blob);
    bytes[bytes.length / 2] ^= 1;
    Files.write(blob, bytes);
    assertThat(lamina("unpack IMAGE").exits(4).message()).contains(blob.getFileName().toString());
    nothingLeft();
    assertThat(lamina("images -q").succeeds().out()).isEmpty();
  }

  @Test
  void unpack_truncatedLayer_isRefused() throws Exception {
    Path blob = largestBlob();
    byte[] bytes = Files.readAllBytes(blob);
    Files.write(blob, Arrays.copyOf(bytes, bytes.length - 10));
    assertThat(lamina("unpack IMAGE").exits(4).message()).contains(blob.getFileName().toString());
    nothingLeft();
  }

  @Test
  void unpack_gzipThatEndsEarly_isRefused() throws Exception {
    // A docker-archive: nothing but the gzip stream itself can tell.
    byte[] gzip = Files.readAllBytes(largestBlob());
    Path archive = here.resolve("cut.tar");
    String manifest = "[{\"Config\":\"c.json\",\"RepoTags\":[],\"Layers\":[\"l.tar\"]}]";
    String diffId = "sha256:" + "0".repeat(64);
    TarLayer tar =
        new TarLayer()
            .file("manifest.json", manifest)
            .file(
                "c.json",
                "{\"os\":\"linux\",\"architecture\":\"%s\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}"
                    .formatted(Platform.host().architecture(), diffId))
            .file("l.tar", 0644, Arrays.copyOf(gzip, gzip.length / 2));
    tar.writeTo(Files.newOutputStream(archive));
    CommandResult result = state.launcher().lamina("unpack", "docker-archive:" + archive).exits(4);
    assertThat(result.message()).contains(archive.toString(), "layer 1 of 1");
    nothingLeft();
  }

  @Test
  void diff_layersThatAreGone_namesTheImage() throws Exception {
    lamina("mount IMAGE DIR --name orphan").succeeds();
    lamina("umount orphan").succeeds();
    StoredImage image = state.image(state.container("orphan").image());
    Launcher.sh("rm -r $1", image.configFile().getParent()).succeeds();
    assertThat(lamina("diff orphan").exits(3).message())
        .contains("orphan", image.id().toString(), "unpack it again");
  }

  /** A layer: configuration and manifest are smaller. */
  private Path largestBlob() throws IOException {
    try (Stream<Path> blobs = Files.list(layout.resolve("blobs/sha256"))) {
      List<Path> bySize =
          blobs.sorted(Comparator.comparingLong(path -> path.toFile().length())).toList();
      return bySize.get(bySize.size() - 1);
    }
  }
}
