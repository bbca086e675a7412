package dev.lamina.fuse.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.linux.FileMode;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.Entry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Replies as the kernel would read them. */
class ReplyTest {
  private final NativeMemory memory = NativeMemory.allocate(4096);
  private final Reply reply = new Reply().reset(memory);

  @Test
  void header_tellsLengthErrorAndUnique() {
    reply.finish(42, 100);
    assertThat(reply.length()).isEqualTo(116);
    assertThat(reply.bodyLength()).isEqualTo(100);
    assertThat(kernelReads(0, 16)).containsExactly(116, 0, 42, 0);
    reply.error(-1, 2);
    assertThat(reply.length()).isEqualTo(16);
    assertThat(reply.bodyLength()).isZero();
    assertThat(kernelReads(0, 16)).containsExactly(16, -2, -1, -1);
  }

  @Test
  void negativeEntry_isNodeZeroForEver() {
    fillWithGarbage();
    assertThat(reply.negativeEntry()).isEqualTo(128);
    assertThat(memory.getLong(16)).isZero();
    assertThat(memory.getLong(16 + 16)).isEqualTo(Long.MAX_VALUE);
    assertThat(memory.getLong(16 + 24)).isZero();
  }

  @Property(tries = 200, seed = "2026")
  void attributes_roundTrip(@ForAll("stats") Stat stat) {
    fillWithGarbage();
    Entry entry = new Entry();
    entry.node = 7;
    entry.generation = 3;
    entry.stat.set(stat);
    assertThat(reply.entry(entry, true)).isEqualTo(128);
    assertThat(memory.getLong(16)).isEqualTo(7);
    assertThat(memory.getLong(24)).isEqualTo(3);
    assertThat(describe(decode(16 + 40))).isEqualTo(describe(stat));
    assertThat(reply.attributes(stat, true)).isEqualTo(104);
    assertThat(describe(decode(16 + 16))).isEqualTo(describe(stat));
  }

  @Property(tries = 200, seed = "2026")
  void statx_roundTrips(@ForAll("stats") Stat stat) {
    fillWithGarbage();
    assertThat(reply.statx(stat, true)).isEqualTo(288);
    int at = 16 + 32;
    assertThat(memory.getInt(at)).isEqualTo(stat.btime != 0 ? 0xfff : 0x7ff);
    assertThat(memory.getShort(at + 28) & 0xffff).isEqualTo(stat.mode);
    assertThat(memory.getLong(at + 32)).isEqualTo(stat.ino);
    assertThat(memory.getLong(at + 40)).isEqualTo(stat.size);
    assertThat(memory.getLong(at + 80)).isEqualTo(stat.btime);
    assertThat(memory.getInt(at + 88)).isEqualTo(stat.btimeNanos);
    assertThat(memory.getLong(at + 112)).isEqualTo(stat.mtime);
    assertThat(FileMode.device(memory.getInt(at + 128), memory.getInt(at + 132)))
        .isEqualTo(stat.rdev);
  }

  @Property(tries = 300, seed = "2026")
  void directoryEntries_roundTripAndNeverOverrun(
      @ForAll @Size(max = 40) List<@Size(min = 1, max = 255) byte[]> names,
      @ForAll @IntRange(min = 0, max = 3000) int room,
      @ForAll boolean plus) {
    fillWithGarbage();
    DirentEncoder encoder = new DirentEncoder().reset(reply, room, plus);
    Entry entry = new Entry();
    int accepted = 0;
    for (byte[] name : names) {
      if (!encoder.fits(name.length)) {
        break;
      }
      entry.node = 100L + accepted;
      boolean hasEntry = plus && accepted % 3 != 0;
      encoder.accept(
          name,
          0,
          name.length,
          1000 + accepted,
          accepted % 16,
          accepted + 1,
          hasEntry ? entry : null);
      accepted++;
    }
    assertThat(encoder.length()).isLessThanOrEqualTo(room);
    int at = 16;
    for (int i = 0; i < accepted; i++) {
      int dirent = plus ? at + 128 : at;
      if (plus) {
        assertThat(memory.getLong(at)).isEqualTo(i % 3 != 0 ? 100 + i : 0);
      }
      assertThat(memory.getLong(dirent)).isEqualTo(1000 + i);
      assertThat(memory.getLong(dirent + 8)).isEqualTo(i + 1);
      int length = memory.getInt(dirent + 16);
      assertThat(memory.getInt(dirent + 20)).isEqualTo(i % 16);
      assertThat(memory.copy(dirent + 24, length)).isEqualTo(names.get(i));
      at = dirent + (24 + length + 7) / 8 * 8;
    }
    assertThat(at - 16).isEqualTo(encoder.length());
    assertThat(memory.getByte(at)).as("nothing behind the last").isEqualTo((byte) 0xa5);
  }

  private void fillWithGarbage() {
    for (int i = 0; i < memory.size(); i++) {
      memory.putByte(i, (byte) 0xa5);
    }
  }

  private List<Integer> kernelReads(int from, int length) {
    List<Integer> words = new ArrayList<>();
    ByteBuffer bytes = memory.asByteBuffer(from, length);
    while (bytes.hasRemaining()) {
      words.add(bytes.getInt());
    }
    return words;
  }

  /** {@code struct fuse_attr}, read field after field in the header's order. */
  private Stat decode(int at) {
    ByteBuffer b = memory.asByteBuffer(at, 88);
    Stat stat = new Stat();
    stat.ino = b.getLong();
    stat.size = b.getLong();
    stat.blocks = b.getLong();
    stat.atime = b.getLong();
    stat.mtime = b.getLong();
    stat.ctime = b.getLong();
    stat.atimeNanos = b.getInt();
    stat.mtimeNanos = b.getInt();
    stat.ctimeNanos = b.getInt();
    stat.mode = b.getInt();
    stat.nlink = b.getInt();
    stat.uid = b.getInt();
    stat.gid = b.getInt();
    stat.rdev = Integer.toUnsignedLong(b.getInt());
    stat.blksize = b.getInt();
    assertThat(b.getInt()).as("flags").isZero();
    return stat;
  }

  private static List<Long> describe(Stat s) {
    return List.of(
        s.ino,
        s.size,
        s.blocks,
        s.atime,
        s.mtime,
        s.ctime,
        (long) s.atimeNanos,
        (long) s.mtimeNanos,
        (long) s.ctimeNanos,
        (long) s.mode,
        (long) s.nlink,
        (long) s.uid,
        (long) s.gid,
        s.rdev,
        (long) s.blksize);
  }

  @Provide
  Arbitrary<Stat> stats() {
    Arbitrary<Long> longs = Arbitraries.longs();
    Arbitrary<Integer> nanos = Arbitraries.integers().between(0, 999_999_999);
    Arbitrary<Integer> ints = Arbitraries.integers();
    return Combinators.combine(
            longs.list().ofSize(8),
            nanos.list().ofSize(4),
            ints.list().ofSize(4),
            Arbitraries.integers().between(0, 0xffff),
            Arbitraries.integers().between(0, 0xfff),
            Arbitraries.integers().between(0, 0xfffff))
        .as(
            (l, n, i, mode, major, minor) -> {
              Stat stat = new Stat();
              stat.ino = l.get(0);
              stat.size = l.get(1);
              stat.blocks = l.get(2);
              stat.atime = l.get(3);
              stat.mtime = l.get(4);
              stat.ctime = l.get(5);
              stat.btime = l.get(6) == 0 ? 1 : l.get(6);
              stat.atimeNanos = n.get(0);
              stat.mtimeNanos = n.get(1);
              stat.ctimeNanos = n.get(2);
              stat.btimeNanos = n.get(3);
              stat.nlink = i.get(0);
              stat.uid = i.get(1);
              stat.gid = i.get(2);
              stat.blksize = i.get(3);
              stat.mode = mode;
              stat.rdev = FileMode.device(major, minor);
              return stat;
            });
  }
}
