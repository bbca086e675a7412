package dev.lamina.cli;

import dev.lamina.fixtures.mount.MountScratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What tests of the daemon share: a lower, a state directory, and no daemon left behind. */
abstract class DaemonEndToEnd extends EndToEnd {
  StateDirectory state;

  /** Uses a daemon that runs. */
  Launcher launcher;

  /** Starts one where there is none. */
  Launcher onDemand;

  Path runtime;
  Path lower;
  private MountScratch scratch;

  @BeforeEach
  void makeLower(MountScratch place) throws IOException {
    scratch = place;
    state = new StateDirectory(scratch.root().resolve("state"));
    launcher = state.launcher();
    onDemand = launcher.with("LAMINA_DAEMON", "on");
    runtime = Launcher.runtime(state.root());
    lower = scratch.directory("lower");
    Files.writeString(lower.resolve("file"), "below\n");
  }

  @AfterEach
  void endDaemons() throws Exception {
    scratch.unmountAll();
    DaemonProcess.endAll(runtime);
  }

  Path directory(String name) {
    return scratch.directory(name);
  }

  /** Options of a writable mount with an upper of its own. */
  String writable(String name) {
    return "lowerdir=%s,upperdir=%s,workdir=%s"
        .formatted(lower, directory(name + "/upper"), directory(name + "/work"));
  }

  /** No server but the daemon serves a mount of this test. */
  boolean isServedByDaemonAlone() throws IOException {
    return ServerProcesses.of(scratch.root()).isEmpty() && !DaemonProcess.of(runtime).isEmpty();
  }
}
