package dev.lamina.cli.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several servers and one file; another descriptor stands for standard error. */
final class LogFileTest {
  private static final int MOST = 20;

  @TempDir private Path directory;

  private final List<Integer> descriptors = new ArrayList<>();

  @AfterEach
  void close() {
    descriptors.forEach(Fd::close);
  }

  private Path log() {
    return directory.resolve("x.log");
  }

  private Path old() {
    return directory.resolve("x.log.old");
  }

  private int nowhere() throws ErrnoException {
    int fd = At.openHostPath(Name.of("/dev/null"), OpenFlags.O_WRONLY);
    descriptors.add(fd);
    return fd;
  }

  private LogFile server(long most) throws ErrnoException {
    int fd = nowhere();
    return new LogFile(log(), most, fd, new ToDescriptor(fd));
  }

  private LogFile begun(long most) throws ErrnoException {
    LogFile file = server(most);
    file.begin();
    return file;
  }

  private static void say(LogFile file, String line) throws IOException {
    file.write((line + "\n").getBytes(UTF_8));
  }

  @Test
  void before_itBegins_nothingIsInTheFile() throws Exception {
    LogFile file = server(MOST);
    say(file, "to the caller");
    assertThat(log()).doesNotExist();
    file.begin();
    say(file, "to the file");
    assertThat(log()).hasContent("to the file\n");
  }

  @Test
  void fullFile_isKeptOnce_andBegunAnew() throws Exception {
    LogFile file = begun(MOST);
    for (String line : List.of("first first", "first again", "second x 2", "second again", "3")) {
      say(file, line);
    }
    assertThat(old()).hasContent("second x 2\nsecond again\n");
    assertThat(log()).hasContent("3\n");
  }

  @Test
  void otherServers_followWithTheirNextLine() throws Exception {
    LogFile one = begun(MOST);
    LogFile other = begun(MOST);
    say(one, "long enough to be all there is");
    say(other, "new, by the other");
    say(one, "new, too");
    assertThat(old()).hasContent("long enough to be all there is\n");
    assertThat(log()).hasContent("new, by the other\nnew, too\n");
  }

  @Test
  void fullFile_thatAnotherIsJustPuttingAway_isWrittenTo() throws Exception {
    LogFile file = begun(MOST);
    say(file, "long enough to be all there is");
    int other = At.openHostPath(Name.of(log().toString()), OpenFlags.O_WRONLY);
    descriptors.add(other);
    assertThat(Fd.tryLockExclusive(other)).isTrue();
    say(file, "one more");
    assertThat(log()).hasContent("long enough to be all there is\none more\n");
    Fd.unlock(other);
    say(file, "new");
    assertThat(log()).hasContent("new\n");
  }

  @Test
  void fileThatSomebodyDeletes_isMadeAgain() throws Exception {
    LogFile file = begun(Long.MAX_VALUE);
    say(file, "gone");
    Files.delete(log());
    say(file, "new");
    assertThat(log()).hasContent("new\n");
  }

  @Test
  void directoryThatIsGone_failsNobody() throws Exception {
    LogFile file = begun(MOST);
    say(file, "long enough to be all there is");
    Files.delete(log());
    Files.delete(directory);
    say(file, "lost");
    assertThat(directory).doesNotExist();
    Files.createDirectory(directory);
  }

  /** What FileOutputStream is to standard error. */
  private static final class ToDescriptor extends OutputStream {
    private final int fd;

    ToDescriptor(int fd) {
      this.fd = fd;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      NativeMemory memory = NativeMemory.allocate(count);
      memory.put(0, bytes, from, count);
      Fd.write(fd, memory, 0, count);
    }
  }
}
