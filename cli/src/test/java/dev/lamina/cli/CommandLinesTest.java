package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.image.ImageException;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

final class CommandLinesTest {
  private final StringWriter err = new StringWriter();

  @Command(name = "failing")
  private static final class Failing implements Callable<Integer> {
    private final Exception failure;

    Failing(Exception failure) {
      this.failure = failure;
    }

    @Override
    public Integer call() throws Exception {
      throw failure;
    }
  }

  private int run(Exception failure, String... arguments) {
    CommandLine line = CommandLines.of(new Failing(failure));
    return line.setErr(new PrintWriter(err, true)).execute(arguments);
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND, 3",
    "MALFORMED, 4",
    "MISMATCH, 4",
    "REFUSED, 4",
    "LIMIT, 4",
    "UNSUPPORTED, 4",
    "HOST, 1",
    "INTERRUPTED, 1",
  })
  void imageException_ofEachKind_hasItsStatus(ImageException.Kind kind, int status) {
    assertThat(run(new ImageException(kind, "what is wrong"))).isEqualTo(status);
    assertThat(err).hasToString("failing: what is wrong\n");
  }

  @Test
  void errno_busy_isBusyAndTheRestFails() {
    assertThat(run(new ErrnoException(Errno.EBUSY, "workdir"))).isEqualTo(ExitStatus.BUSY);
    assertThat(run(new ErrnoException(Errno.ENOSPC, "write"))).isEqualTo(ExitStatus.FAILED);
  }

  @Test
  void javaNioExceptions_sayWhatIsWrongWithTheirPath() {
    assertThat(run(new NoSuchFileException("/x"))).isEqualTo(ExitStatus.FAILED);
    assertThat(run(new AccessDeniedException("/y"))).isEqualTo(ExitStatus.FAILED);
    assertThat(run(new DirectoryNotEmptyException("/z"))).isEqualTo(ExitStatus.FAILED);
    assertThat(run(new IOException("plainly"))).isEqualTo(ExitStatus.FAILED);
    assertThat(err)
        .hasToString(
            """
            failing: /x: no such file or directory
            failing: /y: permission denied
            failing: /z: directory not empty
            failing: plainly
            """);
  }

  @Test
  void commandFailure_namesItsStatus() {
    assertThat(run(new CommandFailure(ExitStatus.BAD_MOUNT_POINT, "no"))).isEqualTo(5);
    assertThat(err).hasToString("failing: no\n");
  }

  @Test
  void wrongCommandLine_isOneLineThatPointsToHelp() {
    assertThat(run(null, "word")).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("'word'").endsWith("(see failing --help)\n");
  }

  @Test
  void anythingElse_isADefectWithItsTrace() {
    assertThat(run(new IllegalStateException("oops"))).isEqualTo(ExitStatus.INTERNAL);
    assertThat(err.toString()).contains("please report it", "oops", "\tat ");
  }
}
