package dev.lamina.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A test with a directory of its own, open as {@link #dir}. */
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class DirectoryTest {
  @TempDir Path path;

  /** An {@code O_PATH} descriptor of {@link #path}. */
  int dir;

  @BeforeEach
  final void openDirectory() throws Exception {
    dir = At.openDirectory(At.FDCWD, Name.of(path.toString()));
  }

  @AfterEach
  final void closeDirectory() {
    Fd.close(dir);
  }

  /** A new file with {@code content}, open for reading and writing. */
  final int create(String name, String content) throws ErrnoException {
    int fd =
        At.open(dir, Name.of(name), OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, 0644);
    byte[] bytes = content.getBytes(UTF_8);
    NativeMemory memory = NativeMemory.allocate(bytes.length);
    memory.put(0, bytes, 0, bytes.length);
    Fd.pwrite(fd, memory, 0, bytes.length, 0);
    return fd;
  }

  final void touch(String name) throws ErrnoException {
    Fd.close(create(name, ""));
  }

  /** What {@code name} is; it must be there. */
  final Stat stat(String name) throws ErrnoException {
    Stat stat = new Stat();
    if (!At.stat(dir, Name.of(name), stat)) {
      throw new AssertionError("no " + name);
    }
    return stat;
  }

  final boolean exists(String name) throws ErrnoException {
    return At.stat(dir, Name.of(name), new Stat());
  }

  /** The first bytes of an open file, at most 64 KiB. */
  static String content(int fd) throws ErrnoException {
    NativeMemory memory = NativeMemory.allocate(64 * 1024);
    int length = Fd.pread(fd, memory, 0, memory.size(), 0);
    return new String(memory.copy(0, length), UTF_8);
  }
}
