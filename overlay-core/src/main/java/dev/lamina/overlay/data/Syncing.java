package dev.lamina.overlay.data;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.NativeMemory;
import java.util.Arrays;

/**
 * One sync of a partial file: what is noted as written at its start is on stable storage at its
 * end, and noted so.
 */
final class Syncing {
  private final PartialFile file;
  private int[] words = new int[16];
  private long[] bits = new long[16];
  private int count;

  /** Begins: blocks that are added later do not count. */
  Syncing(PartialFile file) {
    this.file = file;
    synchronized (file.node) {
      BlockMap blocks = file.content.blocks;
      for (int at = blocks.takeChanged(0); at >= 0; at = blocks.takeChanged(at + 1)) {
        if (count == words.length) {
          words = Arrays.copyOf(words, count * 2);
          bits = Arrays.copyOf(bits, count * 2);
        }
        words[count] = at;
        bits[count++] = blocks.word(at);
      }
    }
  }

  /** The data is on stable storage now; so is the note when this returns. */
  void finish() throws ErrnoException {
    if (count == 0) {
      return;
    }
    NativeMemory room = NativeMemory.allocate(Long.BYTES);
    for (int i = 0; i < count; i++) {
      file.map.writeSynced(words[i], bits[i], room);
    }
    file.map.sync();
  }

  /** The data may not be on stable storage: the next sync has to note it. */
  void failed() {
    synchronized (file.node) {
      for (int i = 0; i < count; i++) {
        file.content.blocks.noteChanged(words[i]);
      }
    }
  }
}
