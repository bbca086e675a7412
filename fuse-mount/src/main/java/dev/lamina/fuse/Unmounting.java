package dev.lamina.fuse;

import dev.lamina.fuse.session.Server;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.MountTable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one mount away, within a bounded time whatever its users do: politely, then out of sight,
 * then by aborting the connection.
 */
final class Unmounting {
  private static final Logger log = LoggerFactory.getLogger(Unmounting.class);

  private static final Duration RETRY = Duration.ofMillis(50);

  /** How long the workers may take to notice the end of an aborted connection. */
  private static final Duration AFTER_ABORT = Duration.ofSeconds(2);

  private final Mounter mounter;
  private final MountTable.Entry mount;
  private final Server server;
  private final Connection connection;

  Unmounting(Mounter mounter, MountTable.Entry mount, Server server) {
    this.mounter = mounter;
    this.mount = mount;
    this.server = server;
    this.connection = new Connection(mount.device());
  }

  /**
   * Unmounts and waits for its server to end.
   *
   * @param grace how long programs that still use the mount may go on
   */
  void run(Duration grace) {
    Deadline deadline = new Deadline(grace);
    // umount(2) writes back what is dirty, which waits for the filesystem: not on our thread.
    Thread helper = new Thread(null, () -> unmount(deadline), "lamina-fuse-unmount");
    helper.setDaemon(true);
    helper.start();
    if (Waiting.forEnd(server, deadline)) {
      Waiting.forThread(helper, new Deadline(AFTER_ABORT));
      return;
    }
    if (connection.abort()) {
      log.warn("{} is still in use; its users get an error from now on", mount.mountPoint());
    }
    if (!Waiting.forEnd(server, new Deadline(AFTER_ABORT))) {
      log.warn("{} has not ended yet: it is still in use, or a request hangs", mount.mountPoint());
    }
    Waiting.forThread(helper, new Deadline(AFTER_ABORT));
  }

  private void unmount(Deadline deadline) {
    try {
      while (isOnTop()) {
        try {
          mounter.unmount(path(), Mounter.Mode.PLAIN);
          return;
        } catch (ErrnoException e) {
          if (e.errno() != Errno.EBUSY) {
            throw e;
          }
        }
        if (connection.canAbort()) {
          mounter.unmount(path(), Mounter.Mode.LAZY);
          return;
        }
        // Out of sight there would be no way left to abort it, so it stays until the time is up.
        if (deadline.isOver()) {
          mounter.unmount(path(), Mounter.Mode.FORCE);
          return;
        }
        Waiting.pause(RETRY);
      }
    } catch (IOException e) {
      log.warn("unmounting {} failed: {}", mount.mountPoint(), e.getMessage());
    }
  }

  /**
   * Whether the mount is still there, and not covered by another: umount takes what is on top. The
   * kernel gives the numbers of a mount that is gone to the next one, so once the server has ended
   * they prove nothing; what is ours then has no server.
   */
  private boolean isOnTop() throws IOException {
    Optional<MountTable.Entry> top = MountTable.at(mount.mountPoint());
    return top.isPresent()
        && top.get().id() == mount.id()
        && top.get().device().equals(mount.device())
        && (!server.ended().isDone() || StaleMounts.isStale(mount.mountPoint()));
  }

  private String path() {
    return mount.mountPoint().toString();
  }
}
