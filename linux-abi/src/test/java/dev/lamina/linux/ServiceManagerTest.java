package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ServiceManagerTest {
  @TempDir Path directory;

  private static int bind(NativeMemory address, int length) throws ErrnoException {
    int fd = check(C.socket(UnixSocket.AF_UNIX, UnixSocket.SOCK_DGRAM, 0), "socket");
    check(C.bind(fd, address.address(), length), "bind", address);
    return fd;
  }

  private static String receive(int fd) throws ErrnoException {
    NativeMemory buffer = NativeMemory.allocate(100);
    byte[] bytes = new byte[Fd.read(fd, buffer, 0, 100)];
    buffer.get(0, bytes, 0, bytes.length);
    Fd.close(fd);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  @Test
  void send_toAPath_isOneDatagram() throws Exception {
    String path = directory.resolve("notify").toString();
    NativeMemory address = UnixSocket.address(Name.of(path));
    int fd = bind(address, address.size());
    new ServiceManager(path).send("READY=1\nSTATUS=serving");
    assertThat(receive(fd)).isEqualTo("READY=1\nSTATUS=serving");
  }

  @Test
  void send_toAnAbstractName_isOneDatagram() throws Exception {
    String name = "@lamina-test-" + ProcessHandle.current().pid();
    NativeMemory address = UnixSocket.address(Name.of(name));
    address.putByte(Structs.SockaddrUn.SUN_PATH, (byte) 0);
    int fd = bind(address, Structs.SockaddrUn.SUN_PATH + name.length());
    new ServiceManager(name).send("READY=1");
    assertThat(receive(fd)).isEqualTo("READY=1");
  }

  @Test
  void send_toNobody_saysSo() {
    Path absent = directory.resolve("absent");
    assertThatThrownBy(() -> new ServiceManager(absent.toString()).send("READY=1"))
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
        .hasMessageContaining("absent");
  }
}
