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

  @Property(tries = 200)
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
