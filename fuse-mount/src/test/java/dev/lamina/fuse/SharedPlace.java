package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.ops.Op;
import dev.lamina.fixtures.ops.Outcome;
import dev.lamina.fixtures.ops.PathRunner;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.OpenFlags;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Random operations in a directory where others do the same at the same time: what comes of one
 * nobody can say, but every error must be one that some order of things explains.
 */
final class SharedPlace implements AutoCloseable {
  private static final List<String> PATHS = List.of("1", "2", "3", "4", "a/1", "a/2", "b/1", "b/2");
  private static final List<String> DIRECTORIES = List.of("a", "b", "a/c", "b/c");
  private static final Set<Integer> EXPLICABLE =
      Set.of(
          0,
          Errno.ENOENT,
          Errno.EEXIST,
          Errno.ENOTDIR,
          Errno.EISDIR,
          Errno.ENOTEMPTY,
          Errno.EINVAL,
          Errno.ENODATA,
          Errno.EBADF,
          Errno.EPERM,
          // A name that is looked up again and again while it is replaced.
          Errno.ESTALE);

  private final PathRunner runner;
  private final Random random;

  SharedPlace(Path directory, long seed) throws Exception {
    runner = new PathRunner(directory);
    random = new Random(seed);
  }

  /** Does so many; how many they were. */
  long goOn(int ops) {
    for (int i = 0; i < ops; i++) {
      Op op = next();
      Outcome outcome = runner.run(op);
      assertThat(EXPLICABLE).as("%s: %s", op, outcome).contains(outcome.errno());
    }
    return ops;
  }

  private Op next() {
    int slot = random.nextInt(2);
    return switch (random.nextInt(16)) {
      case 0 -> new Op.Create(any(PATHS), 0644);
      case 1 -> new Op.Unlink(any(PATHS));
      case 2 -> new Op.Rename(any(PATHS), any(PATHS), 0);
      case 3 -> new Op.Rename(any(PATHS), any(PATHS), At.RENAME_EXCHANGE);
      case 4 -> new Op.Rename(any(DIRECTORIES), any(DIRECTORIES), 0);
      case 5 -> new Op.Link(any(PATHS), any(PATHS));
      case 6 -> new Op.Mkdir(any(DIRECTORIES), 0755);
      case 7 -> new Op.Rmdir(any(DIRECTORIES));
      case 8 -> new Op.Write(any(PATHS), random.nextInt(9), "data");
      case 9 -> new Op.Read(any(PATHS), 0, 20);
      case 10 -> new Op.Readdir(random.nextBoolean() ? "." : any(DIRECTORIES));
      case 11 -> new Op.Stat(any(PATHS));
      case 12 -> new Op.Chmod(any(PATHS), 0600);
      case 13 -> new Op.SetXattr(any(PATHS), "user.a", "b", 0);
      case 14 -> new Op.Open(slot, any(PATHS), OpenFlags.O_RDWR);
      default -> new Op.WriteHandle(slot, 0, "held");
    };
  }

  private String any(List<String> paths) {
    return paths.get(random.nextInt(paths.size()));
  }

  @Override
  public void close() {
    runner.close();
  }
}
