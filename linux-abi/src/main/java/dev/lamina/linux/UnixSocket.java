package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

import dev.lamina.linux.Structs.Cmsghdr;
import dev.lamina.linux.Structs.Iovec;
import dev.lamina.linux.Structs.Msghdr;
import dev.lamina.linux.Structs.SockaddrUn;

/** A pair of connected unix sockets, over which another process sends a descriptor (unix(7)). */
public final class UnixSocket {
  static final int AF_UNIX = 1;
  static final int SOCK_STREAM = 1;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_CLOEXEC = OpenFlags.O_CLOEXEC;
  static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  // One piece of memory: struct msghdr, struct iovec, one byte of data, and a struct cmsghdr with
  // one int, padded to 8 bytes as CMSG_SPACE does.
  private static final int IOVEC = Msghdr.SIZE;
  private static final int DATA = IOVEC + Iovec.SIZE;
  private static final int CONTROL = DATA + 8;
  static final int CONTROL_LENGTH = Cmsghdr.SIZE + 4;
  static final int CONTROL_SPACE = Cmsghdr.SIZE + 8;

  private UnixSocket() {}

  /**
   * A {@code struct sockaddr_un} of just the name's length, and the zero behind a path.
   *
   * @throws ErrnoException ENAMETOOLONG for more than 107 bytes
   */
  static NativeMemory address(Name name) throws ErrnoException {
    int size = SockaddrUn.SUN_PATH + name.length() + 1;
    if (size > SockaddrUn.SIZE) {
      throw new ErrnoException(Errno.ENAMETOOLONG, "socket " + name);
    }
    NativeMemory address = NativeMemory.allocate(size);
    address.putShort(SockaddrUn.SUN_FAMILY, (short) AF_UNIX);
    for (int i = 0; i < name.length(); i++) {
      address.putByte(SockaddrUn.SUN_PATH + i, name.at(i));
    }
    return address;
  }

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
    NativeMemory m = NativeMemory.allocate(CONTROL + CONTROL_SPACE);
    m.putLong(Msghdr.MSG_IOV, m.address(IOVEC));
    m.putLong(Msghdr.MSG_IOVLEN, 1);
    m.putLong(Msghdr.MSG_CONTROL, m.address(CONTROL));
    m.putLong(Msghdr.MSG_CONTROLLEN, CONTROL_SPACE);
    m.putLong(IOVEC + Iovec.IOV_BASE, m.address(DATA));
    m.putLong(IOVEC + Iovec.IOV_LEN, 1);
    long received = check(C.recvmsg(socket, m.address(), MSG_CMSG_CLOEXEC), "recvmsg", m);
    boolean carriesDescriptor =
        received > 0
            && m.getLong(Msghdr.MSG_CONTROLLEN) >= CONTROL_LENGTH
            && m.getInt(CONTROL + Cmsghdr.CMSG_LEVEL) == SOL_SOCKET
            && m.getInt(CONTROL + Cmsghdr.CMSG_TYPE) == SCM_RIGHTS;
    return carriesDescriptor ? m.getInt(CONTROL + Cmsghdr.SIZE) : -1;
  }
}
