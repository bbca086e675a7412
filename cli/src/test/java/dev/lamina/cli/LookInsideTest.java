package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.FileMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small parts of the commands that look into images. */
final class LookInsideTest {
  @ParameterizedTest
  @CsvSource({
    "100644, -rw-r--r--",
    "040755, drwxr-xr-x",
    "041777, drwxrwxrwt",
    "041776, drwxrwxrwT",
    "104755, -rwsr-xr-x",
    "104644, -rwSr--r--",
    "102755, -rwxr-sr-x",
    "120777, lrwxrwxrwx",
    "020666, crw-rw-rw-",
    "060660, brw-rw----",
    "010600, prw-------",
  })
  void modes_areWrittenAsLsWritesThem(String octal, String text) {
    assertThat(EntryLine.mode(Integer.parseInt(octal, 8))).isEqualTo(text);
  }

  @Test
  void modeBits_areThoseOfLinux() {
    assertThat(EntryLine.mode(FileMode.S_IFSOCK)).isEqualTo("s---------");
  }

  @Test
  void argumentThatIsNotUtf8_hasTheBytesThatTheKernelHas() throws CommandFailure {
    byte[] name = {'/', (byte) 0xe9, '\n'};
    String read = new String(name, StandardCharsets.UTF_8);
    assertThat(ArgumentBytes.find(read, List.of("ls".getBytes(StandardCharsets.UTF_8), name)))
        .isEqualTo(name);
  }

  @Test
  void argumentsThatCannotBeToldApart_areRefused() {
    byte[] one = {(byte) 0xe9};
    byte[] other = {(byte) 0xff};
    assertThatThrownBy(() -> ArgumentBytes.find("\ufffd", List.of(one, other)))
        .isInstanceOf(CommandFailure.class);
  }

  @Test
  void textOfImages_staysOnItsLine() {
    assertThat(HistoryCommand.oneLine("RUN a\n\tb\u001b[2J\u202e")).isEqualTo("RUN a  b [2J ");
  }
}
