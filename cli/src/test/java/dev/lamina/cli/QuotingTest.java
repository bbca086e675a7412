package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names as GNU ls writes them to a terminal, and as a shell reads them. */
final class QuotingTest {
  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "motd, motd",
        "a-b_c.d+e, a-b_c.d+e",
        "/etc/motd, /etc/motd",
        "`a b`, `'a b'`",
        "it's, `'it'\\''s'`",
        "$HOME, '$HOME'",
        "~, '~'",
      })
  void names_areQuotedWhereAShellWouldChangeThem(String name, String quoted) {
    assertThat(Quoting.quoted(latin1(name))).isEqualTo(quoted);
  }

  @Test
  void whatCannotBeShown_isEscaped() {
    assertThat(Quoting.quoted(latin1("a\nb"))).isEqualTo("'a'$'\\n''b'");
    assertThat(Quoting.quoted(latin1("\u00ff"))).isEqualTo("''$'\\377'");
    assertThat(Quoting.quoted(latin1("\u001b[2J"))).isEqualTo("''$'\\033''[2J'");
  }

  @Test
  void utf8_isShown_butNothingThatTurnsTheLineAround() {
    assertThat(Quoting.quoted("gr\u00fc\u00df".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("gr\u00fc\u00df");
    assertThat(Quoting.quoted("a\u202eb".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("'a'$'\\342\\200\\256''b'");
  }

  @Test
  void aShell_readsTheNameAgain() throws Exception {
    Random random = new Random(5);
    List<byte[]> names = new ArrayList<>();
    StringBuilder script = new StringBuilder("export LC_ALL=C.UTF-8; printf ");
    script.append("'").append('%').append("s\\0'");
    for (int i = 0; i < 300; i++) {
      byte[] name = new byte[1 + random.nextInt(12)];
      for (int j = 0; j < name.length; j++) {
        name[j] = (byte) (1 + random.nextInt(i % 2 == 0 ? 127 : 255));
      }
      names.add(name);
      script.append(' ').append(Quoting.quoted(name));
    }
    Process bash = new ProcessBuilder("bash", "-s").redirectErrorStream(true).start();
    bash.getOutputStream().write(script.toString().getBytes(StandardCharsets.UTF_8));
    bash.getOutputStream().close();
    List<byte[]> read = ArgumentBytes.split(bash.getInputStream().readAllBytes());
    assertThat(bash.waitFor()).isZero();
    assertThat(read).hasSameSizeAs(names);
    for (int i = 0; i < names.size(); i++) {
      assertThat(read.get(i)).as(Quoting.quoted(names.get(i))).isEqualTo(names.get(i));
    }
  }
}
