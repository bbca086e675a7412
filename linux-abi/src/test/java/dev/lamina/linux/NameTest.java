package dev.lamina.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameTest {
  @Property(seed = "2026")
  void of_holdsTheBytesAndANulAfterThem(@ForAll @Size(max = 5000) byte[] bytes) {
    Name name = Name.of(bytes);
    assertThat(name.toBytes()).isEqualTo(bytes);
    assertThat(name.length()).isEqualTo(bytes.length);
    assertThat(name.at(bytes.length)).isZero();
    assertThat(name.contentEquals(bytes)).isTrue();
    assertThat(name.contentHash()).isEqualTo(Name.contentHash(bytes));
  }

  @Property(seed = "2026")
  void set_againAndAgainLeavesNothingOfTheOldName(
      @ForAll @Size(max = 600) byte[] first, @ForAll @Size(max = 600) byte[] second) {
    Name name = new Name().set(first).set(second);
    assertThat(name.toBytes()).isEqualTo(second);
    assertThat(name.at(second.length)).isZero();
  }

  @Property(seed = "2026")
  void set_prefixAndRestIsTheirConcatenation(
      @ForAll @Size(max = 300) byte[] prefix, @ForAll @Size(max = 300) byte[] rest) {
    byte[] both = Arrays.copyOf(prefix, prefix.length + rest.length);
    System.arraycopy(rest, 0, both, prefix.length, rest.length);
    assertThat(new Name().set(prefix, rest).toBytes()).isEqualTo(both);
    assertThat(new Name().set(prefix, Name.of(rest)).toBytes()).isEqualTo(both);
    assertThat(Name.of(both).startsWith(prefix)).isTrue();
    Name itself = Name.of(rest);
    assertThat(itself.set(prefix, itself).toBytes()).isEqualTo(both);
    assertThat(itself.at(both.length)).isZero();
  }

  @Test
  void new_isTheEmptyName() {
    assertThat(new Name().length()).isZero();
    assertThat(new Name().at(0)).isZero();
    assertThat(new Name().set(new byte[0]).toBytes()).isEmpty();
  }

  @Test
  void view_pointsAtBytesOfOthersAndSetDoesNotWriteThem() {
    NativeMemory request = memory("one\0two\0");
    Name name = new Name().view(request, 4, 3);
    assertThat(name.toBytes()).isEqualTo("two".getBytes(UTF_8));
    assertThat(name.address()).isEqualTo(request.address() + 4);
    name.set("three".getBytes(UTF_8));
    assertThat(request.copy(0, 8)).isEqualTo("one\0two\0".getBytes(UTF_8));
    assertThat(name.toString()).isEqualTo("three");
  }

  @Test
  void view_ofAnotherNameIsCopiedBySet() {
    Name view = new Name().view(memory("abc\0"), 0, 3);
    Name copy = new Name().set(view);
    view.view(memory("xyz\0"), 0, 3);
    assertThat(copy.toString()).isEqualTo("abc");
  }

  @Test
  void view_withoutANulBehindIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Name().view(memory("one\0two\0"), 4, 2));
  }

  @Test
  void contentEquals_differsInLengthOrByte() {
    Name name = Name.of("abc");
    assertThat(name.contentEquals("ab".getBytes(UTF_8))).isFalse();
    assertThat(name.contentEquals("abd".getBytes(UTF_8))).isFalse();
    assertThat(name.startsWith("ab".getBytes(UTF_8))).isTrue();
    assertThat(name.startsWith("b".getBytes(UTF_8))).isFalse();
    assertThat(name.startsWith("abcd".getBytes(UTF_8))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "...", ".a", "..a", "a.", " ", "-", "ü", "a\nb"})
  void isComponent_namesAnEntry(String name) {
    assertThat(Name.of(name).isComponent()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "/", "a/b", "a/", "/a", "a\0b", "\0"})
  void isComponent_refusesWhatTheKernelWouldResolve(String name) {
    assertThat(Name.of(name).isComponent()).isFalse();
  }

  @Test
  void printable_keepsTextAndEscapesTheRest() {
    assertThat(Name.printable("Grüße 文".getBytes(UTF_8))).isEqualTo("Grüße 文");
    assertThat(Name.printable(new byte[] {'a', (byte) 0xff, '\\'})).isEqualTo("a\\xff\\x5c");
    assertThat(Name.printable("a\nb".getBytes(UTF_8))).isEqualTo("a\\x0ab");
    assertThat(Name.printable("\u009b31m".getBytes(UTF_8))).isEqualTo("\\xc2\\x9b31m");
  }

  private static NativeMemory memory(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    NativeMemory memory = NativeMemory.allocate(bytes.length);
    memory.put(0, bytes, 0, bytes.length);
    return memory;
  }
}
