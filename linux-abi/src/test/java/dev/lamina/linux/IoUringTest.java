package dev.lamina.linux;

import static dev.lamina.linux.Host.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rings themselves; no driver that is always there takes commands, so all are refused. */
@Timeout(30)
class IoUringTest {
  private IoUring ring;
  private int device;

  @BeforeEach
  void open() throws Exception {
    device = At.open(At.FDCWD, Name.of("/"), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    try {
      ring = IoUring.create();
    } catch (ErrnoException e) {
      abort("no io_uring with what is needed of it: " + e.getMessage());
    }
  }

  @AfterEach
  void close() {
    Fd.close(device);
    if (ring != null) {
      ring.close();
      ring.close();
    }
  }

  @Test
  void use_beforeEnable_isEbadfd() throws Exception {
    ring.command(device, 1, null, 1);
    assertErrno(77, ring::submit);
  }

  @Test
  void command_completesWithItsUserDataAndResult() throws Exception {
    ring.enable();
    assertThat(ring.next()).isFalse();
    int at = ring.command(device, 1, null, 0x1234_5678_9abcL);
    ring.submissions().putLong(at + IoUring.COMMAND_SIZE - Long.BYTES, -1);
    ring.submitAndWait();
    assertThat(ring.next()).isTrue();
    assertThat(ring.userData()).isEqualTo(0x1234_5678_9abcL);
    assertThat(ring.result()).isEqualTo(-Errno.EOPNOTSUPP);
    assertThat(ring.next()).isFalse();
  }

  @Test
  void moreCommandsThanTheRingHolds_allCompleteInOrder() throws Exception {
    ring.enable();
    List<Long> completed = new ArrayList<>();
    int sent = 0;
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < 50; i++) {
        ring.command(device, 1, null, sent++);
      }
      ring.submit();
      while (ring.next()) {
        completed.add(ring.userData());
      }
    }
    assertThat(completed).hasSize(250).isSorted();
  }

  @Test
  void fastSyscall_passesAllFiveArguments() {
    // linkat(dirfd, path, dirfd, path, flags): wrong flags are EINVAL, right ones get further.
    int linkat = Arch.current() == Arch.X86_64 ? 265 : 37;
    Name absent = Name.of("absent-from-here");
    Name to = Name.of("nor-made");
    assertThat(call(linkat, absent, to, At.AT_EMPTY_PATH << 4)).isEqualTo(Errno.EINVAL);
    assertThat(call(linkat, absent, to, 0)).isEqualTo(Errno.ENOENT);
  }

  private static int call(int linkat, Name from, Name to, int flags) {
    long result = FastSyscall.call(linkat, At.FDCWD, from.address(), At.FDCWD, to.address(), flags);
    int errno = Native.errno();
    assertThat(Native.keep(result, from, to)).isEqualTo(-1);
    return errno;
  }
}
