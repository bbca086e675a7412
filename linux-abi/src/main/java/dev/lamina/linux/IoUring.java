package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

import dev.lamina.linux.Structs.IoCqringOffsets;
import dev.lamina.linux.Structs.IoSqringOffsets;
import dev.lamina.linux.Structs.IoUringCqe;
import dev.lamina.linux.Structs.IoUringParams;
import dev.lamina.linux.Structs.IoUringSqe;

/**
 * A pair of rings shared with the kernel (io_uring(7)), for commands to a driver ({@code
 * IORING_OP_URING_CMD}) that one thread submits and reaps.
 *
 * <p>The rings lie in memory of ours ({@code IORING_SETUP_NO_MMAP}, Linux 6.5), one page each, so
 * there is nothing to map and nothing that is left when the descriptor is closed. The kernel does
 * its share of a completion on the thread that waits for it ({@code SINGLE_ISSUER}, {@code
 * DEFER_TASKRUN}), not by interrupting it.
 *
 * <p>Not thread-safe: made by any thread, then used by the one that calls {@link #enable}.
 */
public final class IoUring implements AutoCloseable {
  /** Bytes of a command that are the driver's. */
  public static final int COMMAND_SIZE = 80;

  static final int IORING_SETUP_R_DISABLED = 1 << 6;
  static final int IORING_SETUP_SQE128 = 1 << 10;
  static final int IORING_SETUP_SINGLE_ISSUER = 1 << 12;
  static final int IORING_SETUP_DEFER_TASKRUN = 1 << 13;
  static final int IORING_SETUP_NO_MMAP = 1 << 14;
  static final int IORING_SETUP_NO_SQARRAY = 1 << 16;
  static final int IORING_OP_URING_CMD = 46;
  static final int IORING_ENTER_GETEVENTS = 1;
  static final int IORING_REGISTER_ENABLE_RINGS = 12;

  private static final int FLAGS =
      IORING_SETUP_R_DISABLED
          | IORING_SETUP_SQE128
          | IORING_SETUP_SINGLE_ISSUER
          | IORING_SETUP_DEFER_TASKRUN
          | IORING_SETUP_NO_MMAP
          | IORING_SETUP_NO_SQARRAY;

  private static final int LARGE_SQE = 2 * IoUringSqe.SIZE;

  /** Submissions that a page holds; there are twice as many completions, before they queue. */
  private static final int ENTRIES = 4096 / LARGE_SQE;

  private final NativeMemory rings = NativeMemory.allocatePageAligned(4096);
  private final NativeMemory submissions = NativeMemory.allocatePageAligned(4096);
  private final int fd;
  private final int submissionTail;
  private final int completionHead;
  private final int completionTail;
  private final int completionMask;
  private final int completions;

  private int prepared;
  private int submitted;
  private int reaped;
  private long userData;
  private int result;
  private boolean closed;

  private IoUring() throws ErrnoException {
    NativeMemory params = NativeMemory.allocate(IoUringParams.SIZE);
    params.putInt(IoUringParams.FLAGS, FLAGS);
    params.putLong(IoUringParams.SQ_OFF + IoSqringOffsets.USER_ADDR, submissions.address());
    params.putLong(IoUringParams.CQ_OFF + IoCqringOffsets.USER_ADDR, rings.address());
    long made = C.syscall(Arch.SYS_IO_URING_SETUP, ENTRIES, params.address(), 0, 0, 0, 0);
    fd = (int) check(Native.keep(made, params, rings, submissions), "io_uring_setup");
    submissionTail = params.getInt(IoUringParams.SQ_OFF + IoSqringOffsets.TAIL);
    completionHead = params.getInt(IoUringParams.CQ_OFF + IoCqringOffsets.HEAD);
    completionTail = params.getInt(IoUringParams.CQ_OFF + IoCqringOffsets.TAIL);
    completions = params.getInt(IoUringParams.CQ_OFF + IoCqringOffsets.CQES);
    completionMask = rings.getInt(params.getInt(IoUringParams.CQ_OFF + IoCqringOffsets.RING_MASK));
  }

  /**
   * Makes one, of which nobody is the user yet.
   *
   * @throws ErrnoException ENOSYS or EPERM where io_uring is not to be had (sysctl {@code
   *     io_uring_disabled}, seccomp), EINVAL where the kernel is too old
   */
  public static IoUring create() throws ErrnoException {
    return new IoUring();
  }

  /** Makes the calling thread the one that uses this; once, and before any other call. */
  public void enable() throws ErrnoException {
    check(
        C.syscall(Arch.SYS_IO_URING_REGISTER, fd, IORING_REGISTER_ENABLE_RINGS, 0, 0, 0, 0),
        "io_uring_register");
  }

  /**
   * Prepares a command; it goes out with the next {@link #submitAndWait}, or earlier when there is
   * no room for more.
   *
   * @param device descriptor of the driver
   * @param operation the driver's number of the command
   * @param vectors memory for the driver, to be kept for as long as it says; null for none
   * @param userData comes back with the completion
   * @return where in {@link #submissions} the {@link #COMMAND_SIZE} bytes are, zeroed, that the
   *     driver takes
   */
  public int command(int device, int operation, IoVectors vectors, long userData)
      throws ErrnoException {
    if (prepared - submitted == ENTRIES) {
      enter(0);
    }
    int at = (prepared++ & (ENTRIES - 1)) * LARGE_SQE;
    for (int i = 0; i < LARGE_SQE; i += Long.BYTES) {
      submissions.putLong(at + i, 0);
    }
    submissions.putByte(at + IoUringSqe.OPCODE, (byte) IORING_OP_URING_CMD);
    submissions.putInt(at + IoUringSqe.FD, device);
    submissions.putInt(at + IoUringSqe.CMD_OP, operation);
    if (vectors != null) {
      submissions.putLong(at + IoUringSqe.ADDR, vectors.address());
      submissions.putInt(at + IoUringSqe.LEN, vectors.count());
    }
    submissions.putLong(at + IoUringSqe.USER_DATA, userData);
    return at + IoUringSqe.CMD;
  }

  /** Where {@link #command} leaves room for the driver's part. */
  public NativeMemory submissions() {
    return submissions;
  }

  /** Hands all prepared commands to the kernel; those that it refuses at once have completed. */
  public void submit() throws ErrnoException {
    while (submitted != prepared) {
      enter(0);
    }
  }

  /** Hands over all prepared commands and waits until there is a completion. */
  public void submitAndWait() throws ErrnoException {
    while (submitted != prepared || rings.getIntAcquire(completionTail) == reaped) {
      enter(1);
    }
  }

  private void enter(int wait) throws ErrnoException {
    rings.putIntRelease(submissionTail, prepared);
    long result =
        FastSyscall.call(
            Arch.SYS_IO_URING_ENTER,
            fd,
            prepared - submitted,
            wait,
            wait > 0 ? IORING_ENTER_GETEVENTS : 0,
            0);
    if (result >= 0) {
      submitted += (int) result;
      return;
    }
    int errno = Native.errno();
    if (errno != Errno.EINTR && errno != Errno.EAGAIN && errno != Errno.EBUSY) {
      throw new ErrnoException(errno, "io_uring_enter");
    }
  }

  /** Takes the next completion, if there is one, for {@link #userData} and {@link #result}. */
  public boolean next() {
    if (rings.getIntAcquire(completionTail) == reaped) {
      return false;
    }
    int at = completions + (reaped & completionMask) * IoUringCqe.SIZE;
    userData = rings.getLong(at + IoUringCqe.USER_DATA);
    result = rings.getInt(at + IoUringCqe.RES);
    rings.putIntRelease(completionHead, ++reaped);
    return true;
  }

  /** Of the command that completed. */
  public long userData() {
    return userData;
  }

  /** What came of it: 0 or more, or an errno below zero. */
  public int result() {
    return result;
  }

  /** Cancels what is under way. Idempotent; any thread, once no other uses this. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Fd.close(fd);
    }
  }
}
