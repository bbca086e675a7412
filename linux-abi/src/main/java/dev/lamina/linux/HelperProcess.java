package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;
import static dev.lamina.linux.Native.keep;

import java.io.ByteArrayOutputStream;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A short-lived program that inherits a descriptor of this process as its standard input, which
 * {@link ProcessBuilder} cannot arrange for a socket: {@code posix_spawn} (posix_spawn(3)). It gets
 * no other descriptor of ours but its output, which is kept for error messages.
 */
public final class HelperProcess {
  /** Room for {@code posix_spawn_file_actions_t}: 80 bytes in glibc and musl. */
  static final int FILE_ACTIONS = 256;

  private static final int EINTR_RETRY_LIMIT = 1000;

  private final int pid;
  private final int outputEnd;

  private HelperProcess(int pid, int outputEnd) {
    this.pid = pid;
    this.outputEnd = outputEnd;
  }

  /**
   * How a program ended.
   *
   * @param status exit status, or 128 + signal
   * @param output what it wrote to standard output and standard error, without the last newline
   */
  public record Result(int status, String output) {}

  /**
   * Starts a program.
   *
   * @param command absolute path, then arguments
   * @param environment {@code NAME=value} strings, the whole environment
   * @param stdin descriptor that becomes the program's standard input; stays the caller's
   */
  public static HelperProcess start(List<String> command, List<String> environment, int stdin)
      throws ErrnoException {
    NativeMemory pipe = NativeMemory.allocate(8);
    check(C.pipe2(pipe.address(), OpenFlags.O_CLOEXEC), "pipe", pipe);
    int readEnd = pipe.getInt(0);
    int writeEnd = pipe.getInt(4);
    boolean started = false;
    try {
      HelperProcess process =
          new HelperProcess(spawn(command, environment, stdin, writeEnd), readEnd);
      started = true;
      return process;
    } finally {
      Fd.close(writeEnd);
      if (!started) {
        Fd.close(readEnd);
      }
    }
  }

  private static int spawn(List<String> command, List<String> environment, int stdin, int output)
      throws ErrnoException {
    NativeMemory actions = NativeMemory.allocate(FILE_ACTIONS);
    NativeMemory pid = NativeMemory.allocate(4);
    List<Name> kept = new ArrayList<>();
    NativeMemory argv = strings(command, kept);
    NativeMemory envp = strings(environment, kept);
    succeed(C.posix_spawn_file_actions_init(actions.address()), "posix_spawn");
    try {
      // The copies are not close-on-exec; everything else of ours is.
      succeed(C.posix_spawn_file_actions_adddup2(actions.address(), stdin, 0), "posix_spawn");
      succeed(C.posix_spawn_file_actions_adddup2(actions.address(), output, 1), "posix_spawn");
      succeed(C.posix_spawn_file_actions_adddup2(actions.address(), output, 2), "posix_spawn");
      succeed(
          C.posix_spawn(
              pid.address(),
              kept.get(0).address(),
              actions.address(),
              0,
              argv.address(),
              envp.address(),
              0),
          "starting " + command.get(0));
      return pid.getInt(0);
    } finally {
      C.posix_spawn_file_actions_destroy(actions.address());
      Reference.reachabilityFence(actions);
      Reference.reachabilityFence(pid);
      Reference.reachabilityFence(kept);
      Reference.reachabilityFence(argv);
      Reference.reachabilityFence(envp);
    }
  }

  /** This family of calls returns the error number instead of setting errno. */
  private static void succeed(int result, String context) throws ErrnoException {
    if (result != 0) {
      throw new ErrnoException(result, context);
    }
  }

  /** A null-terminated array of C strings; the strings live as long as {@code kept}. */
  private static NativeMemory strings(List<String> texts, List<Name> kept) {
    NativeMemory array = NativeMemory.allocate(8 * (texts.size() + 1));
    for (int i = 0; i < texts.size(); i++) {
      Name text = Name.of(texts.get(i));
      kept.add(text);
      array.putLong(8 * i, text.address());
    }
    return array;
  }

  /** Waits for the end. Call exactly once; afterwards nothing of the process is left. */
  public Result waitFor() throws ErrnoException {
    try {
      String output = readAll();
      NativeMemory status = NativeMemory.allocate(4);
      for (int tries = 0; keep(C.waitpid(pid, status.address(), 0), status) < 0; tries++) {
        int errno = Native.errno();
        if (errno != Errno.EINTR || tries == EINTR_RETRY_LIMIT) {
          throw new ErrnoException(errno, "waitpid");
        }
      }
      int word = status.getInt(0);
      int signal = word & 0x7f;
      return new Result(signal == 0 ? (word >> 8) & 0xff : 128 + signal, output);
    } finally {
      Fd.close(outputEnd);
    }
  }

  private String readAll() throws ErrnoException {
    NativeMemory buffer = NativeMemory.allocate(4096);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    for (int n; (n = Fd.read(outputEnd, buffer, 0, buffer.size())) > 0; ) {
      output.write(buffer.copy(0, n), 0, n);
    }
    return output.toString(StandardCharsets.UTF_8).strip();
  }
}
