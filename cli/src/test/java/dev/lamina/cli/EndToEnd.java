package dev.lamina.cli;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import org.junit.jupiter.api.AfterEach;

/** What the tests of the launchers share. */
@RequiresFuse
abstract class EndToEnd {
  /** A server is still writing its container's record when its mount is gone already. */
  @AfterEach
  void awaitServers(MountScratch scratch) throws Exception {
    scratch.unmountAll();
    StateDirectory.await(
        "all servers have ended", () -> ServerProcesses.of(scratch.root()).isEmpty());
  }
}
