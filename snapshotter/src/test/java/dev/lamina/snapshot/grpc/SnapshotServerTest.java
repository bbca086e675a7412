package dev.lamina.snapshot.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.snapshot.SnapshotOptions;
import dev.lamina.snapshot.Snapshots;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
final class SnapshotServerTest {
  @TempDir Path scratch;
  private Snapshots snapshots;
  private Path socket;

  @BeforeEach
  void open() throws Exception {
    snapshots = Snapshots.open(scratch.resolve("root"), SnapshotOptions.DEFAULT);
    socket = scratch.resolve("s.sock");
  }

  @AfterEach
  void close() throws Exception {
    snapshots.close();
  }

  @Test
  void socket_isItsOwnersAlone_andGoesWithTheServer() throws Exception {
    SnapshotServer server = SnapshotServer.start(snapshots, socket);
    assertThat(Files.getPosixFilePermissions(socket, LinkOption.NOFOLLOW_LINKS))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    try (var entries = Files.list(scratch)) {
      assertThat(entries.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("root", "s.sock");
    }
    server.close();
    server.close();
    assertThat(socket).doesNotExist();
  }

  @Test
  void socketOfAnotherServer_isLeftAlone() throws Exception {
    try (SnapshotServer server = SnapshotServer.start(snapshots, socket)) {
      assertThat(server).isNotNull();
      assertThatThrownBy(() -> SnapshotServer.start(snapshots, socket))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY))
          .hasMessageContaining(socket.toString());
      assertThat(socket).exists();
    }
  }

  @Test
  void socketThatNobodyListensTo_isReplaced() throws Exception {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    SnapshotServer.start(snapshots, socket).close();
    assertThat(socket).doesNotExist();
  }

  @Test
  void placesThatAreNotSafe_areRefused() throws Exception {
    Files.writeString(socket, "a file");
    assertThatThrownBy(() -> SnapshotServer.start(snapshots, socket))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is no socket");
    assertThat(socket).hasContent("a file");
    Path open = Files.createDirectory(scratch.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> SnapshotServer.start(snapshots, open.resolve("s")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("directory of your own");
    assertThatThrownBy(() -> SnapshotServer.start(snapshots, scratch.resolve("none/s")))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> SnapshotServer.start(snapshots, scratch.resolve("x".repeat(120))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long");
  }
}
