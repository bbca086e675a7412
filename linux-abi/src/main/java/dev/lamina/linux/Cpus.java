package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Processors by number, as the scheduler has them. */
public final class Cpus {
  private static final Path POSSIBLE = Path.of("/sys/devices/system/cpu/possible");

  private Cpus() {}

  /**
   * How many processors this kernel could have, those included that are offline or not plugged in;
   * 0 where it does not tell.
   */
  public static int possible() {
    try {
      return count(Files.readString(POSSIBLE).strip());
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  /** Number of members of a list as the kernel writes them: {@code 0-3,8}. */
  static int count(String list) {
    int count = 0;
    for (String range : list.split(",", -1)) {
      String[] ends = range.split("-", 2);
      int first = Integer.parseInt(ends[0]);
      count += ends.length == 1 ? 1 : Integer.parseInt(ends[1]) - first + 1;
    }
    return count;
  }

  /**
   * Keeps the calling thread, and threads that it starts, on one processor. Going offline undoes
   * it.
   *
   * @throws ErrnoException EINVAL where the processor is offline or not given to this process
   */
  public static void pinThread(int cpu) throws ErrnoException {
    NativeMemory mask = NativeMemory.allocate((cpu / Long.SIZE + 1) * Long.BYTES);
    mask.putLong(cpu / Long.SIZE * Long.BYTES, 1L << cpu);
    check(C.sched_setaffinity(0, mask.size(), mask.address()), "sched_setaffinity", mask);
  }
}
