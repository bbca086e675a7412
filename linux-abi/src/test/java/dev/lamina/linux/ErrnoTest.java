package dev.lamina.linux;

import static dev.lamina.linux.Host.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ErrnoTest extends DirectoryTest {
  @Test
  void message_oneLineWithCallWordsAndSymbol() {
    ErrnoException e = new ErrnoException(Errno.ENOTEMPTY, "rmdir");
    assertThat(e).hasMessage("rmdir: directory not empty (ENOTEMPTY)");
    assertThat(e.errno()).isEqualTo(39);
    assertThat(e.getStackTrace()).isEmpty();
    assertThat(e.about("lower a/b")).hasMessage("rmdir lower a/b: directory not empty (ENOTEMPTY)");
    assertThat(e.about("x").errno()).isEqualTo(39);
    assertThat(new ErrnoException(4095, "call")).hasMessage("call: error 4095");
  }

  @Test
  void describe_knowsEveryConstant() throws Exception {
    for (var field : Errno.class.getFields()) {
      assertThat(Errno.describe(field.getInt(null))).endsWith("(" + field.getName() + ")");
      assertThat(Errno.name(field.getInt(null))).isEqualTo(field.getName());
    }
  }

  /** Each thread fails in its own way, over and over; none may see another's errno. */
  @Test
  void errno_isOfTheFailedCallOfTheSameThread() throws Exception {
    touch("file");
    At.mkdir(dir, Name.of("dir"), 0700);
    At.symlink(Name.of("file"), dir, Name.of("link"));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> results = new ArrayList<>();
      results.add(threads.submit(() -> failing(Errno.ENOENT, "none", 0)));
      results.add(threads.submit(() -> failing(Errno.ENOTDIR, "file", OpenFlags.O_DIRECTORY)));
      results.add(threads.submit(() -> failing(Errno.ELOOP, "link", 0)));
      results.add(threads.submit(() -> failing(Errno.EISDIR, "dir", OpenFlags.O_RDWR)));
      for (Future<?> result : results) {
        result.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void failing(int errno, String name, int flags) {
    for (int i = 0; i < 5000; i++) {
      assertErrno(errno, () -> At.open(dir, Name.of(name), flags, 0));
    }
  }
}
