package dev.lamina.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class UnixListenerTest {
  @TempDir Path directory;

  private SocketChannel connect(Path path) throws Exception {
    return SocketChannel.open(UnixDomainSocketAddress.of(path));
  }

  @Test
  void accept_tellsWhoConnected_andBytesGoBothWays() throws Exception {
    Path path = directory.resolve("socket");
    try (UnixListener listener = UnixListener.bind(path);
        SocketChannel client = connect(path);
        UnixConnection connection = listener.accept()) {
      assertThat(connection.peer())
          .isEqualTo(
              new UnixConnection.Peer(
                  (int) ProcessHandle.current().pid(),
                  Identity.processUid(),
                  Identity.processGid()));
      byte[] large = new byte[100_000];
      large[99_999] = 7;
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(
              () -> {
                try {
                  ByteBuffer bytes = ByteBuffer.wrap(large);
                  while (bytes.hasRemaining()) {
                    client.write(bytes);
                  }
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      assertThat(connection.read(large.length)).isEqualTo(large);
      sending.get(50, TimeUnit.SECONDS);
      connection.write("hello".getBytes(US_ASCII));
      ByteBuffer answer = ByteBuffer.allocate(5);
      while (answer.hasRemaining()) {
        client.read(answer);
      }
      assertThat(answer.array()).isEqualTo("hello".getBytes(US_ASCII));
    }
  }

  @Test
  void read_whereTheOtherEndHasGone_isTheEnd_andWriteIsRefused() throws Exception {
    Path path = directory.resolve("socket");
    try (UnixListener listener = UnixListener.bind(path)) {
      connect(path).close();
      try (UnixConnection connection = listener.accept()) {
        assertThatThrownBy(() -> connection.read(1)).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> connection.write(new byte[1])).isInstanceOf(ErrnoException.class);
      }
    }
  }

  @Test
  void close_endsAWaitingAccept_andRefusesNewConnections() throws Exception {
    Path path = directory.resolve("socket");
    UnixListener listener = UnixListener.bind(path);
    CompletableFuture<Object> accepting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return listener.accept();
              } catch (ErrnoException e) {
                return e.errno();
              }
            });
    Thread.sleep(100);
    listener.close();
    assertThat(accepting.get(50, TimeUnit.SECONDS)).isEqualTo(Errno.EINVAL);
    assertThatThrownBy(() -> connect(path)).isInstanceOf(IOException.class);
  }

  @Test
  void close_givesTheDescriptorBack_onceNobodyAccepts() throws Exception {
    UnixListener unused = UnixListener.bind(directory.resolve("unused"));
    long before = descriptors();
    unused.close();
    unused.close();
    assertThat(descriptors()).isEqualTo(before - 1);
    assertThatThrownBy(unused::accept)
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));

    UnixListener waited = UnixListener.bind(directory.resolve("waited"));
    Thread waiting = new Thread(() -> assertThatThrownBy(waited::accept));
    waiting.start();
    waited.close();
    waiting.join();
    assertThat(descriptors()).isEqualTo(before - 1);
  }

  private static long descriptors() throws Exception {
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      return open.map(Path::toString).filter(fd -> isSocket(Path.of(fd))).count();
    }
  }

  private static boolean isSocket(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString().startsWith("socket:");
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void bind_nameInUseOrTooLong_isRefused() throws Exception {
    Path path = directory.resolve("socket");
    try (UnixListener listener = UnixListener.bind(path)) {
      assertThatThrownBy(() -> UnixListener.bind(path)).isInstanceOf(ErrnoException.class);
      assertThatThrownBy(() -> UnixListener.bind(directory.resolve("x".repeat(100))))
          .isInstanceOf(ErrnoException.class);
      assertThat(listener).isNotNull();
    }
  }
}
