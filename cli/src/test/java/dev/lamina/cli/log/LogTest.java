package dev.lamina.cli.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.Logger;
import org.slf4j.event.Level;

@Isolated
final class LogTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Loggers loggers = new Loggers();
  private final PrintStream usual = System.err;

  @BeforeEach
  void listen() {
    System.setErr(new PrintStream(said, true, UTF_8));
    Log.say(Level.WARN);
  }

  @AfterEach
  void restore() {
    System.setErr(usual);
    Log.say(Level.WARN);
  }

  private String said() {
    return said.toString(UTF_8);
  }

  @Test
  void logger_byDefault_warnsAndSaysNoMore() {
    Logger log = loggers.getLogger("dev.lamina.x");
    log.info("hidden");
    log.warn("{} is {}", "a", "b");
    log.error("c");
    assertThat(said()).isEqualTo("lamina: warning: a is b\nlamina: error: c\n");
  }

  @Test
  void level_whenChanged_countsForLoggersThatAreThere() {
    Logger log = loggers.getLogger("dev.lamina.x");
    Log.say(Level.DEBUG);
    assertThat(log.isDebugEnabled()).isTrue();
    assertThat(log.isTraceEnabled()).isFalse();
    log.info("a");
    log.debug("b", new IOException("why"));
    assertThat(said()).startsWith("lamina: a\nlamina: debug: b\njava.io.IOException: why\n");
    Log.say(Level.ERROR);
    assertThat(log.isWarnEnabled()).isFalse();
  }

  @Test
  void level_ofLibraries_isNeverFinerThanWarnings() {
    Log.say(Level.TRACE);
    assertThat(loggers.getLogger("org.other.X").isInfoEnabled()).isFalse();
    assertThat(loggers.getLogger("org.other.X").isWarnEnabled()).isTrue();
    assertThat(loggers.getLogger("io.netty.bootstrap.ServerBootstrap").isWarnEnabled()).isFalse();
  }

  @Test
  void suggestion_givesWayToWhatSomebodySaid() {
    Log.suggest(Level.TRACE);
    assertThat(loggers.getLogger("dev.lamina.x").isInfoEnabled()).isFalse();
  }

  @Test
  void environment_withANameThatIsNone_isTold() {
    Log.begin(Map.of("LAMINA_LOG_LEVEL", "loud"));
    assertThat(said()).contains("LAMINA_LOG_LEVEL").contains("not loud");
    Log.begin(Map.of("LAMINA_LOG_LEVEL", "INFO"));
    assertThat(loggers.getLogger("dev.lamina.x").isInfoEnabled()).isTrue();
  }

  @Test
  void lines_ofAServer_haveTimeAndMountInFront() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    PrintStream lines = new PrintStream(new LogLines(file, "/mnt"), true, UTF_8);
    lines.print("one\ntwo");
    assertThat(file.toString(UTF_8)).matches("\\S+T\\S+Z /mnt: one\n");
    lines.print(" words\n");
    assertThat(file.toString(UTF_8)).endsWith("Z /mnt: two words\n");
  }

  @Test
  void lines_forTheJournal_keepTheirLevelInFront() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    new PrintStream(new LogLines(file, "/mnt"), true, UTF_8).print("<4>careful\n");
    assertThat(file.toString(UTF_8)).isEqualTo("<4>/mnt: careful\n");
  }

  @Test
  void lines_intoALogThatFails_failNobody() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("full");
          }
        };
    PrintStream lines = new PrintStream(new LogLines(full, "/mnt"), true, UTF_8);
    lines.println("lost");
    assertThat(lines.checkError()).isFalse();
  }
}
