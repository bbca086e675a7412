package dev.lamina.fuse.wire;

import dev.lamina.linux.NativeMemory;
import dev.lamina.overlay.DirectorySink;
import dev.lamina.overlay.Entry;

/**
 * Writes the entries of a directory into a reply: {@code struct fuse_dirent}, or {@code
 * fuse_direntplus} where each brings its node along. Reusable, not thread-safe.
 */
public final class DirentEncoder implements DirectorySink {
  private NativeMemory memory;
  private int end;
  private int position;
  private boolean plus;

  /**
   * Starts over.
   *
   * @param reply entries go to its body
   * @param size bytes that the kernel has room for
   * @param plus whether entries carry nodes
   */
  public DirentEncoder reset(Reply reply, int size, boolean plus) {
    memory = reply.body();
    end = Math.min(size, reply.room());
    position = 0;
    this.plus = plus;
    return this;
  }

  /** Bytes written so far. */
  public int length() {
    return position;
  }

  @Override
  public boolean fits(int nameLength) {
    return position + entrySize(nameLength, plus) <= end;
  }

  @Override
  public void accept(
      byte[] names, int from, int length, long ino, int type, long nextOffset, Entry entry) {
    accept(names, from, length, ino, type, nextOffset, entry, true);
  }

  /** {@code lasting} as in {@link Reply#entry(Entry, boolean)}. */
  public void accept(
      byte[] names,
      int from,
      int length,
      long ino,
      int type,
      long nextOffset,
      Entry entry,
      boolean lasting) {
    int at = position;
    if (plus) {
      if (entry == null) {
        // Node id 0: the kernel looks the name up when somebody asks for it.
        memory.zero(at, Out.Entry.SIZE);
      } else {
        Reply.entry(memory, at, entry, lasting);
      }
      at += Out.Direntplus.DIRENT;
    }
    memory.putLong(at + Out.Dirent.INO, ino);
    memory.putLong(at + Out.Dirent.OFF, nextOffset);
    memory.putInt(at + Out.Dirent.NAMELEN, length);
    memory.putInt(at + Out.Dirent.TYPE, type);
    memory.put(at + Out.Dirent.SIZE, names, from, length);
    int used = at + Out.Dirent.SIZE + length;
    position += entrySize(length, plus);
    memory.zero(used, position - used);
  }

  /** Size of one entry with its padding (FUSE_DIRENT_SIZE and FUSE_DIRENTPLUS_SIZE). */
  static int entrySize(int nameLength, boolean plus) {
    int size = (plus ? Out.Direntplus.SIZE : Out.Dirent.SIZE) + nameLength;
    return (size + 7) & ~7;
  }

  /** Size of the {@code fuse_direntplus} at {@code at}, for whoever walks a finished reply. */
  public static int plusSizeAt(NativeMemory memory, int at) {
    return entrySize(memory.getInt(at + Out.Direntplus.DIRENT + Out.Dirent.NAMELEN), true);
  }
}
