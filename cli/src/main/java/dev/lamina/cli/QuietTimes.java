package dev.lamina.cli;

import dev.lamina.fuse.FuseMount;
import dev.lamina.linux.NativeHeap;

/**
 * Gives memory back while nobody uses a mount: what the start and the last burst of requests left
 * is half of what a server holds. A burst is followed by one round, so an idle mount does nothing.
 */
final class QuietTimes implements Runnable {
  private static final long LOOK_EVERY_MILLIS = 2000;

  /** Looks without a request in between, for a small heap. */
  private static final int QUIET_LOOKS = 3;

  /** A collection stops the server for up to a millisecond per MiB: a large heap waits longer. */
  private static final long MEBIBYTES_PER_LOOK = 8;

  private final FuseMount mount;

  private QuietTimes(FuseMount mount) {
    this.mount = mount;
  }

  /** Looks after this process's memory as long as {@code mount} is live. */
  static void watch(FuseMount mount) {
    Thread thread = new Thread(null, new QuietTimes(mount), "lamina-quiet", 128 * 1024, false);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void run() {
    try {
      long seen = -1;
      long given = 0;
      int quiet = 0;
      while (mount.isLive()) {
        Thread.sleep(LOOK_EVERY_MILLIS);
        long now = mount.requestCount();
        quiet = now == seen ? quiet + 1 : 0;
        seen = now;
        if (now != given && quiet >= looksWanted()) {
          System.gc();
          NativeHeap.trim();
          given = now;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long looksWanted() {
    return QUIET_LOOKS + (Runtime.getRuntime().totalMemory() >> 20) / MEBIBYTES_PER_LOOK;
  }
}
