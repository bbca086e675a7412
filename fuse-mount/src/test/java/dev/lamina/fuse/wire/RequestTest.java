package dev.lamina.fuse.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Requests as the kernel writes them. */
class RequestTest {
  private final NativeMemory memory = NativeMemory.allocate(1024);
  private final Request request = new Request();

  @Property(tries = 200, seed = "2026")
  void twoNames_areViewedWhereTheyLie(
      @ForAll @Size(max = 255) byte[] first, @ForAll @Size(max = 255) byte[] second) {
    replaceNuls(first);
    replaceNuls(second);
    int length = 40 + 8 + first.length + 1 + second.length + 1;
    memory.zero(0, memory.size());
    memory.put(48, first, 0, first.length);
    memory.put(49 + first.length, second, 0, second.length);
    request.reset(memory, length);
    Name name = new Name();
    int next = request.name(8, name);
    assertThat(name.toBytes()).isEqualTo(first);
    assertThat(request.name(next, name)).isEqualTo(request.bodyLength());
    assertThat(name.toBytes()).isEqualTo(second);
  }

  @Property(tries = 200, seed = "2026")
  void request_readsTheSameInOnePieceAndInThree(
      @ForAll @Size(max = 128) byte[] struct,
      @ForAll @Size(max = 255) byte[] first,
      @ForAll @Size(max = 255) byte[] second) {
    replaceNuls(first);
    replaceNuls(second);
    int length = 40 + struct.length + first.length + 1 + second.length + 1;
    memory.zero(0, memory.size());
    memory.putInt(0, length);
    memory.putInt(4, 45);
    memory.putLong(8, 77);
    memory.putLong(16, 5);
    memory.put(40, struct, 0, struct.length);
    memory.put(40 + struct.length, first, 0, first.length);
    memory.put(41 + struct.length + first.length, second, 0, second.length);
    NativeMemory pieces = NativeMemory.allocate(288);
    pieces.copyFrom(0, memory, 0, 40);
    pieces.copyFrom(128, memory, 40, struct.length);
    NativeMemory payload = NativeMemory.allocate(1024);
    int payloadLength = length - 40 - struct.length;
    payload.copyFrom(0, memory, 40 + struct.length, payloadLength);

    Request split = new Request().reset(pieces, payload, payloadLength);
    request.reset(memory, length);

    assertThat(split.isWellFormed()).isTrue();
    assertThat(split.opcode()).isEqualTo(45);
    assertThat(split.unique()).isEqualTo(77);
    assertThat(split.node()).isEqualTo(5);
    assertThat(split.bodyLength()).isEqualTo(request.bodyLength());
    for (int i = 0; i + 8 <= struct.length; i += 4) {
      assertThat(split.getInt(i)).isEqualTo(request.getInt(i));
      assertThat(split.getLong(i)).isEqualTo(request.getLong(i));
    }
    Name name = new Name();
    int next = split.name(struct.length, name);
    assertThat(name.toBytes()).isEqualTo(first);
    assertThat(split.payload().getByte(split.position(next) - 1)).isZero();
    assertThat(split.name(next, name)).isEqualTo(split.bodyLength());
    assertThat(name.toBytes()).isEqualTo(second);
    assertThat(request.name(struct.length, name)).isEqualTo(next);
  }

  @Test
  void piecesThatContradictTheHeader_areNotWellFormed() {
    memory.putInt(0, 40 + 16 + 10);
    Request split = new Request();
    assertThat(split.reset(memory, memory, 10).isWellFormed()).isTrue();
    assertThat(split.reset(memory, memory, 27).isWellFormed()).as("no struct left").isFalse();
    assertThat(split.reset(memory, memory, -1).isWellFormed()).isFalse();
    memory.putInt(0, 40 + 129);
    assertThat(split.reset(memory, memory, 0).isWellFormed()).as("no such struct").isFalse();
    memory.putInt(0, 40 + memory.size() + 1);
    assertThat(split.reset(memory, memory, memory.size() + 1).isWellFormed()).isFalse();
  }

  private static void replaceNuls(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        bytes[i] = 1;
      }
    }
  }

  @Test
  void nameWithoutNul_isNotReadPastTheRequest() {
    for (int i = 40; i < 60; i++) {
      memory.putByte(i, (byte) 'x');
    }
    request.reset(memory, 60);
    assertThatThrownBy(() -> request.name(0, new Name()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void requestThatIsShorterThanItSays_isNotWellFormed() {
    memory.putInt(0, 50);
    assertThat(request.reset(memory, 50).isWellFormed()).isTrue();
    assertThat(request.reset(memory, 49).isWellFormed()).isFalse();
    memory.putInt(0, 39);
    assertThat(request.reset(memory, 39).isWellFormed()).isFalse();
  }
}
