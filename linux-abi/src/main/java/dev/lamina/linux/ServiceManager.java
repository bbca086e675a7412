package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

/**
 * Tells systemd, or who else speaks sd_notify(3), how a service is: datagrams to the unix socket
 * that {@code NOTIFY_SOCKET} names. The JDK has no such sockets.
 */
public final class ServiceManager {
  private final String socket;

  /**
   * The manager at {@code socket}.
   *
   * @param socket the value of {@code NOTIFY_SOCKET}: a path, or {@code @} and an abstract name
   */
  public ServiceManager(String socket) {
    this.socket = socket;
  }

  /**
   * Sends variables, {@code READY=1} for one.
   *
   * @throws ErrnoException ENOENT or ECONNREFUSED where nobody listens; ENAMETOOLONG
   */
  public void send(String variables) throws ErrnoException {
    boolean isAbstract = socket.startsWith("@");
    NativeMemory address = UnixSocket.address(Name.of(socket));
    int length = address.size();
    if (isAbstract) {
      // Its length says where such a name ends, and a zero byte what it is.
      address.putByte(Structs.SockaddrUn.SUN_PATH, (byte) 0);
      length--;
    }
    Name message = Name.of(variables);
    NativeMemory bytes = NativeMemory.allocate(message.length());
    for (int i = 0; i < message.length(); i++) {
      bytes.putByte(i, message.at(i));
    }
    send(address, length, bytes);
  }

  private void send(NativeMemory address, int length, NativeMemory bytes) throws ErrnoException {
    int fd =
        check(
            C.socket(UnixSocket.AF_UNIX, UnixSocket.SOCK_DGRAM | UnixSocket.SOCK_CLOEXEC, 0),
            "socket");
    try {
      connect(fd, address, length);
      Fd.write(fd, bytes, 0, bytes.size());
    } finally {
      Fd.close(fd);
    }
  }

  private void connect(int fd, NativeMemory address, int length) throws ErrnoException {
    check(C.connect(fd, address.address(), length), "connect " + socket, address);
  }
}
