package dev.lamina.linux;

import static dev.lamina.linux.Host.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpusTest {
  @ParameterizedTest
  @CsvSource(
      value = {"0; 1", "0-1; 2", "0-127; 128", "0,2; 2", "0-3,8-11,64; 9"},
      delimiter = ';')
  void count_readsTheKernelsLists(String list, int count) {
    assertThat(Cpus.count(list)).isEqualTo(count);
  }

  @Test
  void possible_isAtLeastWhatThisProcessSees() {
    assertThat(Cpus.possible()).isGreaterThanOrEqualTo(Runtime.getRuntime().availableProcessors());
  }

  @Test
  void pinThread_isForThisThreadAlone() throws Exception {
    int first = firstAllowed();
    FutureTask<String> pinned =
        new FutureTask<>(
            () -> {
              Cpus.pinThread(first);
              return allowed();
            });
    new Thread(pinned).start();
    assertThat(pinned.get()).isEqualTo("" + first);
    if (Runtime.getRuntime().availableProcessors() > 1) {
      assertThat(allowed()).isNotEqualTo("" + first);
    }
  }

  @Test
  void unpinThread_givesBackWhatTheProcessHas() throws Exception {
    int first = firstAllowed();
    FutureTask<String> unpinned =
        new FutureTask<>(
            () -> {
              Cpus.pinThread(first);
              Cpus.unpinThread();
              return allowed();
            });
    new Thread(unpinned).start();
    assertThat(unpinned.get()).isEqualTo(allowed());
  }

  /** Not 0 everywhere: a container may have been given others. */
  private static int firstAllowed() throws Exception {
    return Integer.parseInt(allowed().split("[-,]", 2)[0]);
  }

  private static String allowed() throws Exception {
    return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
        .filter(line -> line.startsWith("Cpus_allowed_list:"))
        .map(line -> line.substring(line.indexOf('\t') + 1))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void processorThatIsNotThere_isEinval() {
    assertErrno(Errno.EINVAL, () -> Cpus.pinThread(1000));
  }
}
