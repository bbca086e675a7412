package dev.lamina.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may be a root, and who may use it. */
final class RootTest {
  @TempDir Path scratch;

  private Snapshots open(Path root) throws Exception {
    return Snapshots.open(root, SnapshotOptions.DEFAULT);
  }

  @Test
  void root_isOfOneSnapshotter() throws Exception {
    Path root = scratch.resolve("root");
    try (Snapshots first = open(root)) {
      assertThat(first.list(List.of())).isEmpty();
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> open(root))
            .isInstanceOfSatisfying(
                ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY));
      }
    }
    open(root).close();
  }

  @Test
  void root_thatOthersCanWriteTo_orThatIsNoOption_isRefused() throws Exception {
    Path shared = Files.createDirectory(scratch.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> open(shared))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("directory of your own");
    for (String name : List.of("a,b", "a:b", "a\\b", "a\"b")) {
      assertThatThrownBy(() -> open(scratch.resolve(name)))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("root");
    }
  }

  @Test
  void root_isMade_forItsOwnerAlone() throws Exception {
    Path root = scratch.resolve("a/b");
    open(root).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root)))
        .isEqualTo("rwx------");
  }

  @Test
  void metadataOfALaterVersion_areRefused_andStay() throws Exception {
    Path root = scratch.resolve("root");
    try (Snapshots snapshots = open(root)) {
      snapshots.prepare("key", "", Map.of());
    }
    pragma(root, "PRAGMA user_version = 99");
    assertThatThrownBy(() -> open(root))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("later Lamina");
    assertThat(root.resolve("snapshots/1")).exists();
    pragma(root, "PRAGMA user_version = 1");
    try (Snapshots snapshots = open(root)) {
      assertThat(snapshots.list(List.of())).hasSize(1);
    }
  }

  private static void pragma(Path root, String sql) throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + root.resolve("metadata.sqlite"));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void metadataThatAreDamaged_areNamed_andNothingIsRemoved() throws Exception {
    Path root = scratch.resolve("root");
    try (Snapshots snapshots = open(root)) {
      snapshots.prepare("key", "", Map.of());
    }
    Files.writeString(root.resolve("metadata.sqlite"), "no database at all".repeat(1000));
    assertThatThrownBy(() -> open(root))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("metadata.sqlite");
    assertThat(root.resolve("snapshots/1")).exists();
  }
}
