package dev.lamina.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class NativeMemoryTest {
  @Property(seed = "2026")
  void allocate_givesEachItsOwnZeroedAlignedPiece(
      @ForAll @Size(max = 200) List<@IntRange(max = 600) Integer> sizes) {
    List<NativeMemory> pieces = new ArrayList<>();
    for (int size : sizes) {
      NativeMemory piece = NativeMemory.allocate(size);
      assertThat(piece.size()).isEqualTo(size);
      assertThat(piece.address() % 8).isZero();
      assertThat(piece.copy(0, size)).containsOnly(new byte[size]);
      fill(piece, (byte) pieces.size());
      pieces.add(piece);
    }
    for (int i = 0; i < pieces.size(); i++) {
      for (byte b : pieces.get(i).copy(0, pieces.get(i).size())) {
        assertThat(b).isEqualTo((byte) i);
      }
    }
  }

  private static void fill(NativeMemory memory, byte value) {
    for (int i = 0; i < memory.size(); i++) {
      memory.putByte(i, value);
    }
  }

  @Test
  void allocate_fromTwoThreadsDoesNotOverlap() throws Exception {
    List<NativeMemory> here = new ArrayList<>();
    List<NativeMemory> there = new ArrayList<>();
    Thread other = new Thread(() -> allocate(there, (byte) 1));
    other.start();
    allocate(here, (byte) 2);
    other.join();
    assertThat(here).allMatch(piece -> piece.getLong(0) == 0x0202020202020202L);
    assertThat(there).allMatch(piece -> piece.getLong(0) == 0x0101010101010101L);
  }

  private static void allocate(List<NativeMemory> pieces, byte value) {
    for (int i = 0; i < 5000; i++) {
      NativeMemory piece = NativeMemory.allocate(8);
      fill(piece, value);
      pieces.add(piece);
    }
  }

  @Test
  void allocatePageAligned_takesWhatIsUsedOfIt() throws Exception {
    long before = residentPages();
    NativeMemory memory = NativeMemory.allocatePageAligned(256 << 20);
    memory.putByte(100 << 20, (byte) 1);
    assertThat(memory.getByte(100 << 20)).isEqualTo((byte) 1);
    assertThat(memory.getByte(200 << 20)).isZero();
    long grown = (residentPages() - before) * NativeMemory.pageSize();
    assertThat(grown).isLessThan(64 << 20);
  }

  private static long residentPages() throws IOException {
    return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1]);
  }

  @Test
  void allocatePageAligned_startsOnAPage() {
    NativeMemory memory = NativeMemory.allocatePageAligned(10_000);
    assertThat(memory.address() % 4096).isZero();
    assertThat(memory.size()).isEqualTo(10_000);
  }

  @Test
  void access_outsideIsRefused() {
    NativeMemory memory = NativeMemory.allocate(16);
    assertOutside(() -> memory.getByte(16));
    assertOutside(() -> memory.getLong(9));
    assertOutside(() -> memory.getInt(-1));
    assertOutside(() -> memory.putShort(15, (short) 1));
    assertOutside(() -> memory.put(10, new byte[7], 0, 7));
    assertOutside(() -> memory.copyFrom(0, NativeMemory.allocate(8), 4, 5));
    assertOutside(() -> memory.zero(10, 7));
    assertOutside(() -> memory.asByteBuffer(10, 7));
    assertOutside(() -> memory.address(17));
    assertOutside(() -> memory.address(-1));
  }

  @Test
  void address_coversTheBytesThatTheKernelMayTouch() {
    NativeMemory memory = NativeMemory.allocate(16);
    assertThat(memory.address(4, 12)).isEqualTo(memory.address() + 4);
    assertThat(memory.address(16, 0)).isEqualTo(memory.address() + 16);
    assertOutside(() -> memory.address(4, 13));
    assertOutside(() -> memory.address(0, -1));
    assertOutside(() -> Fd.read(-1, memory, 8, 9));
    assertOutside(() -> Fd.pwrite(-1, memory, 0, 17, 0));
  }

  @Test
  void slice_isTheSameMemory() {
    NativeMemory memory = NativeMemory.allocate(16);
    NativeMemory slice = memory.slice(8, 4);
    slice.putInt(0, 0x01020304);
    assertThat(memory.getInt(8)).isEqualTo(0x01020304);
    assertThat(slice.address()).isEqualTo(memory.address(8));
    assertOutside(() -> slice.getByte(4));
  }

  private static void assertOutside(ThrowingCallable access) {
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(access);
  }
}
