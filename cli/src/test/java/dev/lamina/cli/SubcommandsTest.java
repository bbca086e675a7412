package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Which commands are read for which words. */
final class SubcommandsTest {
  private static Map<String, CommandLine> commands(String... words) {
    return Subcommands.line(new Lamina(), words).getSubcommands();
  }

  @Test
  void everyCommand_isCalledAsItSaysItself() {
    assertThat(commands()).hasSizeGreaterThan(25);
    commands()
        .forEach(
            (name, line) -> {
              Class<?> command = line.getCommandSpec().userObject().getClass();
              assertThat(command.getAnnotation(Command.class).name()).isEqualTo(name);
            });
  }

  @ParameterizedTest
  @CsvSource({"ps -q, ps", "--root images ps, ps", "--root=/x mount -h, mount"})
  void commandThatIsNamed_isReadAlone(String words, String command) {
    assertThat(commands(words.split(" "))).containsOnlyKeys(command);
  }

  @ParameterizedTest
  @CsvSource({"--help", "help ps", "unpak", "--root ps", "-V gc", "--help ps"})
  void otherWords_needAll(String words) {
    assertThat(commands(words.split(" "))).hasSizeGreaterThan(25);
  }
}
