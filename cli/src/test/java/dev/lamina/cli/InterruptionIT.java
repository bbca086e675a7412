package dev.lamina.cli;

import static dev.lamina.cli.StateDirectory.isMounted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl-C, SIGTERM, SIGKILL and a second process, in the middle of unpacking. */
final class InterruptionIT extends EndToEnd {
  private static final int FILES = 100;

  /** A build that runs in the background of a shell ignores SIGINT, and all that it starts. */
  private static final List<String> WITH_SIGNALS = List.of("env", "--default-signal=HUP,INT,TERM");

  private static String image;

  private StateDirectory state;
  private Launcher launcher;
  private Path mnt;

  @BeforeAll
  static void makeImage(@TempDir Path directory) throws Exception {
    image = TestImages.slow(directory.resolve("slow"), FILES);
  }

  @BeforeEach
  void prepare(MountScratch scratch) {
    state = new StateDirectory(scratch.root().resolve("state"));
    launcher = state.launcher().through(WITH_SIGNALS.toArray());
    mnt = scratch.directory("mnt");
  }

  /** Waits until a layer is being written. */
  private void awaitUnpacking(ChildProcess process) throws Exception {
    StateDirectory.await(
        "unpacking",
        () -> {
          assertThat(process.isRunning()).isTrue();
          for (String staging : state.staging()) {
            try (Stream<Path> layer =
                Files.list(state.root().resolve("tmp/" + staging + "/layer-0/diff"))) {
              return layer.findAny().isPresent();
            } catch (IOException e) {
              return false;
            }
          }
          return false;
        });
  }

  private void nextUnpackSucceeds() throws Exception {
    String id = launcher.lamina("unpack", image).succeeds().line();
    state.holdsOnly();
    Path layer = state.image(id).lowers().get(0);
    assertThat(Launcher.sh("find $1 -type f | wc -l", layer).line()).isEqualTo("" + FILES);
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
  void unpack_toldToEnd_takesBackWhatItBegan(String signal, int status) throws Exception {
    ChildProcess unpacking = launcher.startLamina("unpack", image);
    awaitUnpacking(unpacking);
    unpacking.signal(signal);
    CommandResult result = unpacking.await().exits(status);
    assertThat(result.message()).isEqualTo("lamina unpack: interrupted");
    state.holdsOnly();
    nextUnpackSucceeds();
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void mount_toldToEndWhileUnpacking_endsItsServerToo(String signal, int status) throws Exception {
    ChildProcess mounting = launcher.startLamina("mount", image, mnt, "--name", "x");
    awaitUnpacking(mounting);
    mounting.signal(signal);
    CommandResult result = mounting.await().exits(status);
    assertThat(result.message()).isEqualTo("lamina mount: interrupted");
    assertThat(ServerProcesses.of(mnt)).isEmpty();
    assertThat(isMounted(mnt)).isFalse();
    state.holdsOnly();
    nextUnpackSucceeds();
  }

  @Test
  void unpack_killed_isSweptAtTheNextStart() throws Exception {
    ChildProcess unpacking = launcher.startLamina("unpack", image);
    awaitUnpacking(unpacking);
    unpacking.signal("KILL");
    unpacking.await().exits(ChildProcess.statusOfSignal(9));
    assertThat(state.staging()).isNotEmpty();

    assertThat(launcher.lamina("images", "-q").succeeds().out()).isEmpty();
    state.holdsOnly();
    nextUnpackSucceeds();
  }

  @Test
  void unpack_twoProcessesAtOnce_bothSucceed() throws Exception {
    ChildProcess first = launcher.startLamina("unpack", image);
    awaitUnpacking(first);
    ChildProcess second = launcher.startLamina("unpack", image);
    assertThat(second.await().succeeds().line()).isEqualTo(first.await().succeeds().line());
    state.holdsOnly();
    assertThat(launcher.lamina("images", "-q").succeeds().out().lines()).hasSize(1);
  }
}
