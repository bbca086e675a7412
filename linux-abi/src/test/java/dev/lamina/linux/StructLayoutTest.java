package dev.lamina.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Values put where the kernel's headers say, and read by the code that serves. */
class StructLayoutTest {
  private final NativeMemory memory = NativeMemory.allocate(256);

  /** linux/stat.h, struct statx: 4-byte, 2-byte and 8-byte fields in the order they stand there. */
  @Test
  void statx() {
    memory.putInt(0x04, 4096);
    memory.putInt(0x10, 3);
    memory.putInt(0x14, 1000);
    memory.putInt(0x18, -2);
    memory.putShort(0x1c, (short) 0100644);
    memory.putLong(0x20, 1L << 40);
    memory.putLong(0x28, 5L << 32);
    memory.putLong(0x30, 7);
    timestamp(0x40, -1, 999_999_999);
    timestamp(0x50, 2, 20);
    timestamp(0x60, 3, 30);
    timestamp(0x70, 4, 40);
    memory.putInt(0x80, 4095);
    memory.putInt(0x84, 0xfffff);
    memory.putInt(0x88, 8);
    memory.putInt(0x8c, 257);

    Stat stat = new Stat();
    stat.read(memory);
    Stat copy = new Stat();
    copy.set(stat);
    assertThat(copy).usingRecursiveComparison().isEqualTo(stat);
    assertThat(stat.blksize).isEqualTo(4096);
    assertThat(stat.nlink).isEqualTo(3);
    assertThat(stat.uid).isEqualTo(1000);
    assertThat(stat.gid).isEqualTo(-2);
    assertThat(stat.mode).isEqualTo(0100644);
    assertThat(stat.ino).isEqualTo(1L << 40);
    assertThat(stat.size).isEqualTo(5L << 32);
    assertThat(stat.blocks).isEqualTo(7);
    assertThat(new long[] {stat.atime, stat.atimeNanos}).containsExactly(-1, 999_999_999);
    assertThat(new long[] {stat.btime, stat.btimeNanos}).containsExactly(2, 20);
    assertThat(new long[] {stat.ctime, stat.ctimeNanos}).containsExactly(3, 30);
    assertThat(new long[] {stat.mtime, stat.mtimeNanos}).containsExactly(4, 40);
    assertThat(FileMode.major(stat.rdev)).isEqualTo(4095);
    assertThat(FileMode.minor(stat.rdev)).isEqualTo(0xfffff);
    assertThat(stat.dev).isEqualTo(0x100801);
  }

  private void timestamp(int at, long seconds, int nanos) {
    memory.putLong(at, seconds);
    memory.putInt(at + 8, nanos);
  }

  /** asm-generic/statfs.h: eight-byte words, the two halves of f_fsid the eighth. */
  @Test
  void statfs() {
    long[] words = {0xff534d42L, 4096, 100, 50, 40, 1000, 900, 0x0000000200000001L, 255, 512};
    for (int i = 0; i < words.length; i++) {
      memory.putLong(8 * i, words[i]);
    }
    StatFs statfs = new StatFs();
    statfs.read(memory);
    assertThat(statfs.type).isEqualTo(0xff534d42L);
    assertThat(statfs.blockSize).isEqualTo(4096);
    assertThat(statfs.blocks).isEqualTo(100);
    assertThat(statfs.freeBlocks).isEqualTo(50);
    assertThat(statfs.availableBlocks).isEqualTo(40);
    assertThat(statfs.files).isEqualTo(1000);
    assertThat(statfs.freeFiles).isEqualTo(900);
    assertThat(statfs.fsid0).isEqualTo(1);
    assertThat(statfs.fsid1).isEqualTo(2);
    assertThat(statfs.nameLength).isEqualTo(255);
    assertThat(statfs.fragmentSize).isEqualTo(512);
  }

  /** utimensat(2): two struct timespec, access time first. */
  @Test
  void timespecs() {
    NativeMemory times = Fd.times(1, 2, -3, 4);
    assertThat(times.getLong(0)).isEqualTo(1);
    assertThat(times.getLong(8)).isEqualTo(2);
    assertThat(times.getLong(16)).isEqualTo(-3);
    assertThat(times.getLong(24)).isEqualTo(4);
  }

  @Test
  void scratchHoldsEveryStruct() {
    assertThat(Scratch.get().struct.size())
        .isGreaterThanOrEqualTo(Structs.Statx.SIZE)
        .isGreaterThanOrEqualTo(Structs.Statfs.SIZE);
  }

  @Test
  void deviceNumbers_asMakedevOfGlibc() {
    assertThat(FileMode.device(1, 3)).isEqualTo(0x103);
    assertThat(FileMode.device(0x123, 0x45678)).isEqualTo(0x45612378L);
    assertThat(FileMode.major(0x45612378L)).isEqualTo(0x123);
    assertThat(FileMode.minor(0x45612378L)).isEqualTo(0x45678);
  }
}
