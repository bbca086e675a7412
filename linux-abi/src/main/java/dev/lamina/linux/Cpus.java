package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.stream.Stream;

/** Processors by number, as the scheduler has them. */
public final class Cpus {
  private static final Path POSSIBLE = Path.of("/sys/devices/system/cpu/possible");

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String ALLOWED = "Cpus_allowed_list:";

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
    return members(list).cardinality();
  }

  private static BitSet members(String list) {
    BitSet members = new BitSet();
    for (String range : list.split(",", -1)) {
      String[] ends = range.split("-", 2);
      members.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
    }
    return members;
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

  /**
   * Gives the calling thread all processors that the process's first thread has: what a thread gets
   * that was not started by a {@linkplain #pinThread pinned} one.
   *
   * @throws ErrnoException EINVAL where none of them is left to this process
   */
  public static void unpinThread() throws ErrnoException {
    BitSet cpus = allowed();
    if (cpus.isEmpty()) {
      return;
    }
    long[] words = cpus.toLongArray();
    NativeMemory mask = NativeMemory.allocate(words.length * Long.BYTES);
    for (int i = 0; i < words.length; i++) {
      mask.putLong(i * Long.BYTES, words[i]);
    }
    check(C.sched_setaffinity(0, mask.size(), mask.address()), "sched_setaffinity", mask);
  }

  /** Of the process's first thread (proc_pid_status(5)); none where the kernel does not tell. */
  private static BitSet allowed() {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(ALLOWED))
          .findFirst()
          .map(line -> members(line.substring(ALLOWED.length()).strip()))
          .orElseGet(BitSet::new);
    } catch (IOException | UncheckedIOException | NumberFormatException e) {
      return new BitSet();
    }
  }
}
