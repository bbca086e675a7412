package dev.lamina.linux;

import static dev.lamina.linux.Host.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Helper processes, sockets to them, terminals and limits. */
class ProcessTest extends DirectoryTest {
  private static final List<String> ENVIRONMENT = List.of("PATH=/usr/bin:/bin", "GREETING=hello");

  private static HelperProcess.Result run(int stdin, String script) throws ErrnoException {
    return HelperProcess.start(List.of("/bin/sh", "-c", script), ENVIRONMENT, stdin).waitFor();
  }

  @Test
  void helper_getsInputArgumentsAndEnvironmentOnly() throws Exception {
    int in = create("in", "from the file\n");
    int descriptors = Host.openDescriptors();
    HelperProcess.Result result =
        run(in, "cat; echo $GREETING; echo error >&2; echo $HOME; exit 3");
    assertThat(result).isEqualTo(new HelperProcess.Result(3, "from the file\nhello\nerror"));
    assertThat(Host.openDescriptors()).isEqualTo(descriptors);
    Fd.close(in);
  }

  @Test
  void helper_inheritsNoOtherDescriptor() throws Exception {
    int in = create("in", "");
    int other = create("other", "");
    HelperProcess.Result result = run(in, "test -e /proc/self/fd/" + other);
    assertThat(result.status()).isEqualTo(1);
    Fd.close(in);
    Fd.close(other);
  }

  @Test
  void helper_killedBySignalIs128AndTheSignal() throws Exception {
    int in = create("in", "");
    assertThat(run(in, "kill -9 $$").status()).isEqualTo(128 + 9);
    Fd.close(in);
  }

  @Test
  void helper_thatIsNotThereLeavesNothingOpen() throws Exception {
    int in = create("in", "");
    int descriptors = Host.openDescriptors();
    assertErrno(
        Errno.ENOENT, () -> HelperProcess.start(List.of("/no/such/program"), List.of(), in));
    assertThat(Host.openDescriptors()).isEqualTo(descriptors);
    Fd.close(in);
  }

  @Test
  void receiveDescriptor_dataWithoutOneAndEndOfStream() throws Exception {
    int[] pair = UnixSocket.pair();
    Fd.write(pair[1], NativeMemory.allocate(1), 0, 1);
    assertThat(UnixSocket.receiveDescriptor(pair[0])).isEqualTo(-1);
    Fd.close(pair[1]);
    assertThat(UnixSocket.receiveDescriptor(pair[0])).isEqualTo(-1);
    Fd.close(pair[0]);
    assertErrno(Errno.EBADF, () -> UnixSocket.receiveDescriptor(pair[0]));
  }

  @Test
  void terminals_aFileIsNone() throws Exception {
    int fd = create("a", "");
    assertThat(Terminals.isTerminal(fd)).isFalse();
    assertThat(Terminals.isTerminal(-1)).isFalse();
    int terminal = At.openHostPath(Name.of("/dev/ptmx"), OpenFlags.O_RDWR | OpenFlags.O_NOCTTY);
    assertThat(Terminals.isTerminal(terminal)).isTrue();
    Fd.close(terminal);
    Fd.close(fd);
  }

  @Test
  void raiseDescriptors_toTheHardLimit() throws Exception {
    long limit = ProcessLimits.raiseDescriptors();
    NativeMemory limits = NativeMemory.allocate(Structs.Rlimit.SIZE);
    Native.check(Native.C.getrlimit(7 /* RLIMIT_NOFILE */, limits.address()), "getrlimit", limits);
    assertThat(limits.getLong(Structs.Rlimit.RLIM_CUR)).isEqualTo(limit);
    assertThat(limits.getLong(Structs.Rlimit.RLIM_MAX)).isEqualTo(limit);
  }
}
