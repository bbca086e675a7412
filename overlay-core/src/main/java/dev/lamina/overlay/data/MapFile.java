package dev.lamina.overlay.data;

import dev.lamina.linux.At;
import dev.lamina.linux.Boot;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import java.util.UUID;

/**
 * A {@link BlockMap} on disk, of fixed size and changed in place; docs/on-disk.md has the layout.
 * It holds the map twice. The <em>synced</em> blocks were on stable storage before the map said so:
 * they are believed for ever. The <em>written</em> blocks are noted as soon as they are written and
 * believed only while neither the host nor the filesystem has been away: after a power cut the note
 * may be there and the block not.
 */
final class MapFile {
  private static final long MAGIC = 0x50414d414e494d41L;
  private static final int VERSION = 1;

  private static final int HEADER = 4096;
  private static final int OFF_MAGIC = 0;
  private static final int OFF_VERSION = 8;
  private static final int OFF_BLOCK = 12;
  private static final int OFF_SIZE = 16;
  private static final int OFF_LOWER_END = 24;
  private static final int OFF_BOOT_HIGH = 32;
  private static final int OFF_BOOT_LOW = 40;
  private static final int OFF_MOUNT = 48;
  private static final int OFF_KEPT = 56;
  private static final int OFF_MTIME = 64;
  private static final int OFF_MTIME_NANOS = 72;

  private final int fd;
  private final long size;
  private final int words;
  private final NativeMemory memory = NativeMemory.allocate(HEADER);
  private long lowerEnd;
  private Mtime kept;
  private Boot boot;

  private MapFile(int fd, long size) {
    this.fd = fd;
    this.size = size;
    this.words = BlockMap.wordsOf(size);
  }

  /** Makes the map of a file that has {@code size} bytes below, in the empty file {@code fd}. */
  static MapFile create(int fd, long size, Boot boot) throws ErrnoException {
    MapFile map = new MapFile(fd, size);
    map.lowerEnd = size;
    map.boot = boot;
    Fd.truncate(fd, HEADER + 2L * Long.BYTES * map.words);
    map.writeHeader();
    return map;
  }

  /**
   * Reads the header of an existing map.
   *
   * @return null for one that never got as far as having content
   * @throws ErrnoException EINVAL for anything else that is not a map of this version
   */
  static MapFile open(int fd) throws ErrnoException {
    NativeMemory m = NativeMemory.allocate(HEADER);
    int got = Fd.pread(fd, m, 0, HEADER, 0);
    if (got < HEADER || m.getLong(OFF_MAGIC) == 0) {
      // Zeros, or nothing: what a power cut leaves of a file that was never synced.
      requireZero(m, got);
      return null;
    }
    long size = m.getLong(OFF_SIZE);
    require(
        m.getLong(OFF_MAGIC) == MAGIC
            && m.getInt(OFF_VERSION) == VERSION
            && m.getInt(OFF_BLOCK) == BlockMap.BLOCK
            && size > 0
            && m.getLong(OFF_LOWER_END) >= 0
            && m.getLong(OFF_LOWER_END) <= size);
    MapFile map = new MapFile(fd, size);
    Stat stat = new Stat();
    At.stat(fd, stat);
    require(stat.size == HEADER + 2L * Long.BYTES * map.words);
    map.lowerEnd = m.getLong(OFF_LOWER_END);
    map.boot =
        new Boot(new UUID(m.getLong(OFF_BOOT_HIGH), m.getLong(OFF_BOOT_LOW)), m.getLong(OFF_MOUNT));
    if (m.getLong(OFF_KEPT) != 0) {
      map.kept = new Mtime(m.getLong(OFF_MTIME), m.getInt(OFF_MTIME_NANOS));
    }
    return map;
  }

  private static void requireZero(NativeMemory m, int length) throws ErrnoException {
    for (int i = 0; i < length; i++) {
      require(m.getByte(i) == 0);
    }
  }

  private static void require(boolean condition) throws ErrnoException {
    if (!condition) {
      throw new ErrnoException(Errno.EINVAL, "not a block map of version " + VERSION);
    }
  }

  private void writeHeader() throws ErrnoException {
    NativeMemory m = memory;
    m.zero(0, OFF_MTIME_NANOS + Long.BYTES);
    m.putLong(OFF_MAGIC, MAGIC);
    m.putInt(OFF_VERSION, VERSION);
    m.putInt(OFF_BLOCK, BlockMap.BLOCK);
    m.putLong(OFF_SIZE, size);
    m.putLong(OFF_LOWER_END, lowerEnd);
    m.putLong(OFF_BOOT_HIGH, boot.boot().getMostSignificantBits());
    m.putLong(OFF_BOOT_LOW, boot.boot().getLeastSignificantBits());
    m.putLong(OFF_MOUNT, boot.mount());
    if (kept != null) {
      m.putLong(OFF_KEPT, 1);
      m.putLong(OFF_MTIME, kept.seconds());
      m.putInt(OFF_MTIME_NANOS, kept.nanos());
    }
    writeAll(m, HEADER, 0);
  }

  private void writeAll(NativeMemory m, int length, long offset) throws ErrnoException {
    int done = 0;
    while (done < length) {
      done += Fd.pwrite(fd, m, done, length - done, offset + done);
    }
  }

  /** Bytes that the map is about, those of the file below. */
  long size() {
    return size;
  }

  /** From here on nothing comes from below, as far as the map knows. */
  long lowerEnd() {
    return lowerEnd;
  }

  void writeLowerEnd(long end) throws ErrnoException {
    lowerEnd = end;
    writeHeader();
  }

  /** The file's mtime while the copier moves the real one, or null. */
  Mtime keptMtime() {
    return kept;
  }

  void keepMtime(Mtime mtime) throws ErrnoException {
    kept = mtime;
    writeHeader();
  }

  /**
   * Notes the blocks from {@code from} up to {@code to} as written, beside those of {@code map}.
   */
  void writeWritten(BlockMap map, long from, long to) throws ErrnoException {
    writeWords(map, (int) (from >>> 6), (int) Math.min((to + 63) >>> 6, words), from, to);
  }

  private void writeWords(BlockMap map, int first, int end, long from, long to)
      throws ErrnoException {
    for (int at = first; at < end; ) {
      int count = Math.min(end - at, HEADER / Long.BYTES);
      for (int i = 0; i < count; i++) {
        memory.putLong(i * Long.BYTES, map.wordWith(at + i, from, to));
      }
      writeAll(memory, count * Long.BYTES, written(at));
      at += count;
    }
  }

  private long written(int word) {
    return HEADER + (words + (long) word) * Long.BYTES;
  }

  private static long synced(int word) {
    return HEADER + (long) word * Long.BYTES;
  }

  /**
   * Notes a word of blocks that are on stable storage.
   *
   * @param room of at least 8 bytes: this may run beside {@link #writeWritten}
   */
  void writeSynced(int word, long bits, NativeMemory room) throws ErrnoException {
    room.putLong(0, bits);
    writeAll(room, Long.BYTES, synced(word));
  }

  void sync() throws ErrnoException {
    Fd.syncData(fd);
  }

  /**
   * Reads which blocks can be believed to be present, and from now on notes them as of this boot.
   */
  void readInto(BlockMap map, Boot now) throws ErrnoException {
    boolean alive = boot.equals(now);
    readWords(map, 0);
    if (alive) {
      readWords(map, words);
    } else {
      boot = now;
      writeWords(map, 0, words, 0, 0);
      writeHeader();
    }
  }

  private void readWords(BlockMap map, int from) throws ErrnoException {
    for (int at = 0; at < words; ) {
      int count = Math.min(words - at, HEADER / Long.BYTES);
      int got = Fd.pread(fd, memory, 0, count * Long.BYTES, synced(from + at));
      require(got == count * Long.BYTES);
      for (int i = 0; i < count; i++) {
        map.addWord(at + i, memory.getLong(i * Long.BYTES));
      }
      at += count;
    }
  }

  void close() {
    Fd.close(fd);
  }
}
