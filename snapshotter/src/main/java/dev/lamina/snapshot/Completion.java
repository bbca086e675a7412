package dev.lamina.snapshot;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.overlay.Index;
import dev.lamina.overlay.LowerLayer;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.data.PartialMark;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Makes what was written through a mount complete in the upper directory, before that becomes a
 * layer: large files are promoted block by block, and the server of a mount goes on with that for a
 * while after the unmount. Where it was killed, this does what it left.
 */
final class Completion {
  private static final long POLL_MILLIS = 100;

  private final Duration patience;

  /**
   * One that waits for others.
   *
   * @param patience for programs that go on writing into a live mount
   */
  Completion(Duration patience) {
    this.patience = patience;
  }

  /**
   * Waits until the upper has all its data, or sees to it.
   *
   * @throws SnapshotException where a live mount still holds it back
   */
  void complete(Path upper, Path work, List<Path> lowers)
      throws ErrnoException, SnapshotException, InterruptedException {
    Path mark =
        work.resolve("work")
            .resolve(PartialMark.INCOMPAT.toString())
            .resolve(PartialMark.NAME.toString());
    long deadline = System.nanoTime() + patience.toNanos();
    while (Files.exists(mark, LinkOption.NOFOLLOW_LINKS)) {
      if (isCompleted(upper, work, lowers)) {
        if (Files.exists(mark, LinkOption.NOFOLLOW_LINKS)) {
          throw SnapshotException.precondition(
              "files in " + upper + " could not be completed: there may be no room");
        }
        return;
      }
      if (System.nanoTime() > deadline) {
        throw SnapshotException.precondition(
            upper + " is mounted, and large files in it are still being written");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** False where a live mount has the upper. */
  private static boolean isCompleted(Path upper, Path work, List<Path> lowers)
      throws ErrnoException {
    OverlayOptions.Builder options =
        OverlayOptions.builder().index(Index.OFF).upperMarks(LowerLayer.Marks.KERNEL);
    for (Path lower : lowers) {
      options.addLower(new LowerLayer(lower, LowerLayer.Marks.KERNEL));
    }
    try {
      Overlay.open(options.writable(upper, work).build()).close();
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EBUSY) {
        return false;
      }
      throw e;
    }
  }
}
