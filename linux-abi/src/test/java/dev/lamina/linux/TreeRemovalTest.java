package dev.lamina.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TreeRemovalTest extends DirectoryTest {
  private static final Name D = Name.of("d");

  @Test
  void remove_allKindsOfEntries() throws Exception {
    At.mkdir(dir, Name.of("tree"), 0700);
    At.mkdir(dir, Name.of("tree/empty"), 0700);
    At.mkdir(dir, Name.of("tree/full"), 0700);
    touch("tree/full/file");
    At.mknod(dir, Name.of("tree/full/fifo"), FileMode.S_IFIFO, 0);
    At.mkdir(dir, Name.of(new byte[] {'t', 'r', 'e', 'e', '/', (byte) 0xff}), 0700);
    touch("beside");
    TreeRemoval.remove(dir, Name.of("tree"));
    assertThat(path.toFile().list()).containsExactly("beside");
  }

  @Test
  void remove_aFileAndWhatIsAbsent() throws Exception {
    touch("file");
    TreeRemoval.remove(dir, Name.of("file"));
    TreeRemoval.remove(dir, Name.of("file"));
    assertThat(path.toFile().list()).isEmpty();
  }

  @Test
  void remove_followsNoLink() throws Exception {
    At.mkdir(dir, Name.of("kept"), 0700);
    touch("kept/file");
    At.mkdir(dir, Name.of("tree"), 0700);
    At.symlink(Name.of("../kept"), dir, Name.of("tree/link"));
    At.symlink(Name.of(path + "/kept"), dir, Name.of("tree/absolute"));
    At.symlink(Name.of("kept"), dir, Name.of("direct"));
    TreeRemoval.remove(dir, Name.of("tree"));
    TreeRemoval.remove(dir, Name.of("direct"));
    assertThat(path.toFile().list()).containsExactly("kept");
    assertThat(exists("kept/file")).isTrue();
  }

  /** 3,000 levels: deeper than any path can be, on a stack of 256 KiB. */
  @Test
  void remove_depthCostsNeitherStackNorDescriptors() throws Exception {
    deepen(3000);
    int before = Host.openDescriptors();
    Throwable[] failure = new Throwable[1];
    Thread thread =
        new Thread(null, () -> failure[0] = removeWithFewDescriptors(), "small stack", 256 << 10);
    thread.start();
    thread.join();
    assertThat(failure[0]).isNull();
    assertThat(path.toFile().list()).isEmpty();
    assertThat(Host.openDescriptors()).isEqualTo(before);
  }

  private void deepen(int levels) throws ErrnoException {
    int parent = Fd.duplicate(dir);
    for (int i = 0; i < levels; i++) {
      At.mkdir(parent, D, 0700);
      int child = At.openDirectory(parent, D);
      Fd.close(parent);
      parent = child;
    }
    At.mknod(parent, Name.of("file"), FileMode.S_IFREG, 0);
    Fd.close(parent);
  }

  /** Removes with hardly a descriptor to spare. */
  private Throwable removeWithFewDescriptors() {
    try {
      int highest =
          Stream.of(new File("/proc/self/fd").list())
              .mapToInt(Integer::parseInt)
              .max()
              .orElseThrow();
      NativeMemory limits = NativeMemory.allocate(Structs.Rlimit.SIZE);
      Native.check(
          Native.C.getrlimit(7 /* RLIMIT_NOFILE */, limits.address()), "getrlimit", limits);
      long soft = limits.getLong(Structs.Rlimit.RLIM_CUR);
      limits.putLong(Structs.Rlimit.RLIM_CUR, highest + 20L);
      Native.check(Native.C.setrlimit(7, limits.address()), "setrlimit", limits);
      try {
        TreeRemoval.remove(dir, D);
      } finally {
        limits.putLong(Structs.Rlimit.RLIM_CUR, soft);
        Native.check(Native.C.setrlimit(7, limits.address()), "setrlimit", limits);
      }
      return null;
    } catch (Exception | StackOverflowError e) {
      return e;
    }
  }

  @Test
  void removeContents_leavesTheDirectory() throws Exception {
    for (int i = 0; i < 300; i++) {
      At.mkdir(dir, Name.of("d" + i), 0700);
      touch("d" + i + "/file");
    }
    TreeRemoval.removeContents(dir);
    assertThat(path.toFile().list()).isEmpty();
  }
}
