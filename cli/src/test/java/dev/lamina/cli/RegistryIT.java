package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRegistry;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.image.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pull and push with a real registry, and with skopeo and podman at its other side. */
@RequiresRegistry
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RegistryIT {
  private static final int LARGE = 24 << 20;

  private Path here;
  private StateDirectory state;
  private Launcher launcher;
  private DockerRegistry registry;

  @BeforeEach
  void start(MountScratch scratch) throws Exception {
    here = scratch.root();
    state = new StateDirectory(here.resolve("state"));
    launcher = atHome(state);
    registry = DockerRegistry.start(here.resolve("registry"), false);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  /** Without the credentials that whoever runs this may have. */
  private Launcher atHome(StateDirectory directory) {
    return directory
        .launcher()
        .with("HOME", here)
        .with("XDG_CONFIG_HOME", here.resolve("config"))
        .with("XDG_RUNTIME_DIR", here.resolve("runtime"));
  }

  private StateDirectory otherState(String name) {
    return new StateDirectory(here.resolve(name));
  }

  private String image(String rest) {
    return registry.host() + "/" + rest;
  }

  /** One layer that takes some time, below one that does not. */
  private String largeImage() throws Exception {
    byte[] bytes = new byte[LARGE];
    new Random(1).nextBytes(bytes);
    return TestImages.write(
        here.resolve("large"),
        new TarLayer().file("large", 0644, bytes),
        new TarLayer().file("small", "small\n"));
  }

  private CommandResult skopeo(String arguments) throws Exception {
    return Launcher.sh("exec skopeo " + arguments).succeeds();
  }

  private CommandResult podman(String arguments) throws Exception {
    return Launcher.sh(
            "exec podman --root $1/podman --runroot $1/podman-run --storage-driver vfs "
                + arguments,
            here)
        .succeeds();
  }

  private String idInLayout(Path layout) throws Exception {
    return skopeo("inspect --config --raw oci:" + layout + ":x | sha256sum | cut -d' ' -f1").line();
  }

  @Test
  void pushed_isReadBySkopeoAndPodman() throws Exception {
    String source = TestImages.everything(here.resolve("image"));
    String id = launcher.lamina("unpack", source).succeeds().line();
    String digest = launcher.lamina("push", source, image("team/app:v1")).succeeds().line();
    assertThat(digest).startsWith("sha256:");

    skopeo(
        "copy -q --src-tls-verify=false docker://"
            + image("team/app:v1")
            + " oci:"
            + here
            + "/out:x");
    assertThat("sha256:" + idInLayout(here.resolve("out"))).isEqualTo(id);
    assertThat(
            skopeo(
                    "inspect --tls-verify=false --format {{.Digest}} docker://"
                        + image("team/app:v1"))
                .line())
        .isEqualTo(digest);
    assertThat("sha256:" + podman("pull -q --tls-verify=false " + image("team/app:v1")).line())
        .isEqualTo(id);
  }

  @Test
  void pushedBySkopeoAndPodman_isRead() throws Exception {
    String source = TestImages.everything(here.resolve("image"));
    String id = launcher.lamina("unpack", source).succeeds().line();
    for (String format : List.of("oci", "v2s2")) {
      String target = image("team/" + format + ":v1");
      skopeo(
          "copy -q --dest-tls-verify=false --format "
              + format
              + " "
              + source
              + " docker://"
              + target);
      CommandResult pulled = atHome(otherState(format)).lamina("pull", target).succeeds();
      if (format.equals("oci")) {
        assertThat(pulled.line()).isEqualTo(id);
      }
      sameTrees(id, pulled.line(), otherState(format));
    }
    podman("pull -q " + source);
    podman(
        "tag $(podman --root $1/podman --runroot $1/podman-run --storage-driver vfs images -q) "
            + image("team/podman:v1"));
    podman("push -q --tls-verify=false " + image("team/podman:v1"));
    CommandResult pulled =
        atHome(otherState("podman-state")).lamina("pull", image("team/podman:v1")).succeeds();
    sameTrees(id, pulled.line(), otherState("podman-state"));
  }

  private void sameTrees(String id, String otherId, StateDirectory other) throws Exception {
    List<Path> trees = state.image(id).lowers();
    List<Path> others = other.image(otherId).lowers();
    assertThat(others).hasSameSizeAs(trees);
    for (int i = 0; i < trees.size(); i++) {
      assertThat(TreeSnapshot.of(others.get(i), Detail.EVERYTHING))
          .isEqualTo(TreeSnapshot.of(trees.get(i), Detail.EVERYTHING));
    }
  }

  @Test
  void pull_mountsAndKnowsItsNames() throws Exception {
    String source = TestImages.small(here.resolve("image"));
    String digest = launcher.lamina("push", source, image("team/app:v1")).succeeds().line();
    CommandResult pulled = launcher.lamina("pull", image("team/app:v1")).succeeds();
    assertThat(pulled.err()).contains("layer 1/2 ", "unpacked");
    assertThat(launcher.lamina("pull", "docker://" + image("team/app@" + digest)).succeeds().line())
        .isEqualTo(pulled.line());
    assertThat(
            launcher
                .lamina("pull", "-q", "--format", "json", image("team/app:v1"))
                .succeeds()
                .out())
        .contains("\"digest\" : \"" + digest + "\"", "\"" + image("team/app:v1") + "\"");
    assertThat(state.image("app:v1").id()).hasToString(pulled.line());
    // Of the store, under its own name: nothing moves but the manifest.
    CommandResult again = launcher.lamina("push", image("team/app:v1")).succeeds();
    assertThat(again.line()).isEqualTo(digest);
    assertThat(again.err()).contains("already in the registry").doesNotContain("pushed");
  }

  @Test
  void push_toAnotherRepository_takesLayersFromTheFirst() throws Exception {
    String source = TestImages.small(here.resolve("image"));
    launcher.lamina("push", source, image("team/app:v1")).succeeds();
    CommandResult mounted =
        launcher
            .lamina("push", source, image("other/app:v1"), "--mount-from", image("team/app"))
            .succeeds();
    assertThat(mounted.err()).contains("taken from team/app").doesNotContain("pushed");
    assertThat(launcher.lamina("pull", image("other/app:v1")).succeeds().line())
        .isEqualTo(launcher.lamina("unpack", source).succeeds().line());
  }

  @Test
  void push_imageWhoseBlobsWereDropped_isTheSameImage() throws Exception {
    String source = TestImages.everything(here.resolve("image"));
    String digest = launcher.lamina("push", source, image("team/app:v1")).succeeds().line();
    String id = launcher.lamina("unpack", "--drop-blobs", source).succeeds().line();
    // A name of the store, though it reads as a place.
    launcher.lamina("tag", id, "oci:v1").succeeds();
    assertThat(launcher.lamina("push", "oci:v1", image("team/app:v1")).succeeds().line())
        .isEqualTo(digest);
    // What the registry has, here or in another repository, need not be had.
    assertThat(launcher.lamina("push", id, image("team/app:v2")).succeeds().line())
        .isEqualTo(digest);
    assertThat(
            launcher
                .lamina("push", "--mount-from", "team/app", id, image("other/app:v1"))
                .succeeds()
                .line())
        .isEqualTo(digest);
    assertThat(launcher.lamina("push", id, image("new/app:v1")).succeeds().line())
        .isNotEqualTo(digest);
    assertThat(atHome(otherState("other")).lamina("pull", image("new/app:v1")).succeeds().line())
        .isEqualTo(id);
  }

  @Test
  void credentials_ofTheCommandLineAndOfFiles() throws Exception {
    try (DockerRegistry closed = DockerRegistry.start(here.resolve("closed"), true)) {
      String target = closed.host() + "/team/app:v1";
      String source = TestImages.small(here.resolve("image"));
      assertThat(launcher.lamina("push", source, target).exits(8).message())
          .contains(target.replace(":v1", ""), "HTTP 401");
      String creds = DockerRegistry.USER + ":" + DockerRegistry.PASSWORD;
      launcher.lamina("push", "--creds", creds, source, target).succeeds();
      assertThat(launcher.lamina("pull", "--creds", "someone:wrong", target).exits(8).message())
          .contains("401")
          .doesNotContain("wrong");
      Path authFile = here.resolve("auth.json");
      Launcher.sh(
              "echo $1 | skopeo login --tls-verify=false --authfile $2 -u $3 --password-stdin $4",
              DockerRegistry.PASSWORD,
              authFile,
              DockerRegistry.USER,
              closed.host())
          .succeeds();
      launcher.lamina("pull", target).exits(8);
      launcher.lamina("pull", "--authfile", authFile, target).succeeds();
      launcher
          .with("REGISTRY_AUTH_FILE", authFile)
          .lamina("unpack", "docker://" + target)
          .succeeds();
      Files.createDirectories(here.resolve(".docker"));
      Files.copy(authFile, here.resolve(".docker/config.json"));
      launcher.lamina("pull", target).succeeds();
    }
  }

  // Ended in the middle of a transfer.

  @Test
  void pull_registryIsKilledAndStartedAgain_goesOn() throws Exception {
    String source = largeImage();
    launcher.lamina("push", source, image("team/large:v1")).succeeds();
    try (Relay relay = Relay.to(registry.address(), LARGE / 2)) {
      ChildProcess pulling = launcher.startLamina("pull", relay.host() + "/team/large:v1");
      relay.awaitMiddle();
      registry.kill();
      registry.start();
      relay.goOn();
      String id = pulling.await().succeeds().line();
      assertThat(id).isEqualTo(launcher.lamina("unpack", source).succeeds().line());
    }
    state.holdsOnly();
  }

  @Test
  void push_registryIsKilledAndStartedAgain_goesOn() throws Exception {
    String source = largeImage();
    try (Relay relay = Relay.to(registry.address(), LARGE / 2)) {
      ChildProcess pushing = launcher.startLamina("push", source, relay.host() + "/team/large:v1");
      relay.awaitMiddle();
      registry.kill();
      registry.start();
      relay.goOn();
      pushing.await().succeeds();
    }
    assertThat(launcher.lamina("pull", image("team/large:v1")).succeeds().line())
        .isEqualTo(launcher.lamina("unpack", source).succeeds().line());
  }

  @Test
  void pull_killed_leavesNothingAndWorksTheNextTime() throws Exception {
    String source = largeImage();
    launcher.lamina("push", source, image("team/large:v1")).succeeds();
    try (Relay relay = Relay.to(registry.address(), LARGE / 2)) {
      ChildProcess pulling = launcher.startLamina("pull", relay.host() + "/team/large:v1");
      relay.awaitMiddle();
      pulling.signal("KILL");
      pulling.await().exits(ChildProcess.statusOfSignal(9));
    }
    assertThat(launcher.lamina("images", "-q").succeeds().out()).isEmpty();
    state.holdsOnly();
    launcher.lamina("pull", image("team/large:v1")).succeeds();
    state.holdsOnly();
  }

  @Test
  void pull_toldToEndWhileItWaitsForTheRegistry_endsAtOnce() throws Exception {
    launcher.lamina("push", largeImage(), image("team/large:v1")).succeeds();
    try (Relay relay = Relay.to(registry.address(), LARGE / 2)) {
      ChildProcess pulling = launcher.startLamina("pull", relay.host() + "/team/large:v1");
      relay.awaitMiddle();
      pulling.signal("TERM");
      CommandResult result = pulling.await().exits(143);
      assertThat(result.message()).isEqualTo("lamina pull: interrupted");
    }
    state.holdsOnly();
  }

  @Test
  void push_killed_worksTheNextTime() throws Exception {
    String source = largeImage();
    try (Relay relay = Relay.to(registry.address(), LARGE / 2)) {
      ChildProcess pushing = launcher.startLamina("push", source, relay.host() + "/team/large:v1");
      relay.awaitMiddle();
      pushing.signal("KILL");
      pushing.await().exits(ChildProcess.statusOfSignal(9));
    }
    launcher.lamina("pull", image("team/large:v1")).exits(3);
    String digest = launcher.lamina("push", source, image("team/large:v1")).succeeds().line();
    assertThat(Digest.parse(digest).hex()).hasSize(64);
    launcher.lamina("pull", image("team/large:v1")).succeeds();
  }

  // What is wrong.

  @Test
  void whatIsNotThere_isOneLineWithItsStatus() throws Exception {
    assertThat(launcher.lamina("pull", image("team/none:v1")).exits(3).message())
        .contains(image("team/none") + ": manifest v1: HTTP 404 (manifest unknown");
    assertThat(launcher.lamina("pull", "--retry", "0", "127.0.0.1:1/x").exits(9).message())
        .contains("127.0.0.1:1/x", "connection refused");
    launcher.lamina("pull", "No/Name").exits(4);
    launcher.lamina("pull", "--creds", "nobody", image("x")).exits(2);
    launcher.lamina("pull", "--authfile", here.resolve("none"), image("x")).exits(2);
    launcher.lamina("push", "nothing-of-that-name", image("x")).exits(3);
    String source = TestImages.small(here.resolve("image"));
    assertThat(launcher.lamina("push", source).exits(2).message()).contains("say where to push");
    state.holdsOnly();
  }

  @Test
  void commandsThatNeedNoRegistry_loadNoHttpClientAndNoGrpc() throws Exception {
    String source = TestImages.small(here.resolve("image"));
    Path log = here.resolve("classes");
    launcher
        .with("LAMINA_JVM_OPTS", "-Xlog:class+load:file=" + log)
        .lamina("unpack", source)
        .succeeds();
    assertThat(Files.readString(log)).contains("dev.lamina.cli.UnpackCommand");
    assertThat(Files.readString(log))
        .doesNotContain("java.net.http", "jackson.dataformat.toml")
        .doesNotContain("io.netty", "io.grpc", "com.google.protobuf", "org.sqlite", "java.sql")
        .doesNotContain("dev.lamina.snapshot");
  }
}
