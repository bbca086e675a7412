package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

/** A pair of connected unix sockets, over which another process sends a descriptor (unix(7)). */
public final class UnixSocket {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_CLOEXEC = OpenFlags.O_CLOEXEC;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  // One piece of memory: struct msghdr (56 bytes), struct iovec, one byte of data, and a struct
  // cmsghdr with one int, CMSG_SPACE(4) = 24 bytes. Sizes of 64-bit Linux.
  private static final int IOVEC = 56;
  private static final int DATA = 72;
  private static final int CONTROL = 80;
  private static final int CONTROL_SIZE = 24;

  private UnixSocket() {}

  /** Two connected stream sockets, close-on-exec, the caller's to close. */
  public static int[] pair() throws ErrnoException {
    NativeMemory fds = Scratch.get().struct;
    check(C.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.address()), "socketpair");
    return new int[] {fds.getInt(0), fds.getInt(4)};
  }

  /**
   * Waits for one message with a descriptor (SCM_RIGHTS).
   *
   * @return the descriptor, close-on-exec and the caller's to close, or -1 where the peer closed
   *     its end without sending one
   */
  public static int receiveDescriptor(int socket) throws ErrnoException {
    NativeMemory m = NativeMemory.allocate(CONTROL + CONTROL_SIZE);
    m.putLong(16, m.address(IOVEC));
    m.putLong(24, 1);
    m.putLong(32, m.address(CONTROL));
    m.putLong(40, CONTROL_SIZE);
    m.putLong(IOVEC, m.address(DATA));
    m.putLong(IOVEC + 8, 1);
    long received = check(C.recvmsg(socket, m.address(), MSG_CMSG_CLOEXEC), "recvmsg", m);
    boolean carriesDescriptor =
        received > 0
            && m.getLong(40) >= CONTROL_SIZE - 4
            && m.getInt(CONTROL + 8) == SOL_SOCKET
            && m.getInt(CONTROL + 12) == SCM_RIGHTS;
    return carriesDescriptor ? m.getInt(CONTROL + 16) : -1;
  }
}
