package dev.lamina.nio;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Moves data from one place to another through a buffer. */
final class Pump {
  private static final int CHUNK = 1 << 16;

  private Pump() {}

  /** Where data comes from or goes to. */
  interface End {
    /**
     * Fills or empties {@code chunk}.
     *
     * @param done bytes that were moved before
     * @return bytes moved; a source's is not positive at its end
     */
    int move(ByteBuffer chunk, long done) throws IOException;
  }

  /** Moves up to {@code count} bytes, until the source ends or the target takes no more; bytes. */
  static long run(End source, End target, long count) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, Math.max(1, count)));
    long done = 0;
    while (done < count) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), count - done));
      if (source.move(chunk, done) <= 0) {
        break;
      }
      chunk.flip();
      int wanted = chunk.remaining();
      int moved = target.move(chunk, done);
      done += moved;
      if (moved < wanted) {
        break;
      }
    }
    return done;
  }
}
