package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ContainersTest {
  private static final Container CONTAINER =
      new Container("web", "sha256:00", false, false, "2025-01-01T00:00:00Z", null, 0, false);

  @TempDir private Path directory;
  private Containers containers;

  @BeforeEach
  void open() {
    containers = new Containers(directory);
  }

  private static void save(Containers containers, Container container) throws IOException {
    containers.makeDirectories(container);
    containers.save(container);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "Web-1.2_x", "0"})
  void requireName_asPodmanHasThem_isTaken(String name) {
    assertThatCode(() -> Containers.requireName(name)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "-a", "a/b", "../a", "a b", "\u00e9", "a\n"})
  void requireName_thatCouldLeadElsewhere_isAUsageError(String name) {
    assertThatThrownBy(() -> Containers.requireName(name))
        .isInstanceOfSatisfying(
            CommandFailure.class, e -> assertThat(e.status()).isEqualTo(ExitStatus.USAGE));
  }

  @Test
  void find_nameThatLeadsElsewhere_findsNothing() throws IOException {
    save(containers, CONTAINER);
    assertThat(new Containers(directory.resolve("web")).find("../web")).isEmpty();
  }

  @Test
  void save_thenFind_givesTheSame() throws IOException {
    Container mounted = CONTAINER.mountedOn("/mnt/a b", 42, false);
    save(containers, mounted);
    assertThat(containers.find("web")).contains(mounted);
    assertThat(containers.mountedOn(Path.of("/mnt/a b"))).contains(mounted);
    assertThat(containers.mountedOn(Path.of("/mnt"))).isEmpty();
  }

  @Test
  void claim_ofANameThatIsClaimed_isRefusedUntilItIsGivenBack() throws Exception {
    NameClaim claim = containers.claim("web");
    assertThatThrownBy(() -> containers.claim("web"))
        .isInstanceOfSatisfying(
            CommandFailure.class, e -> assertThat(e.status()).isEqualTo(ExitStatus.BUSY));
    containers.claim("other").close();
    claim.close();
    containers.claim("web").close();
    assertThat(containers.all()).isEmpty();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void claim_leftByAKilledProcess_countsForNothing() throws Exception {
    Files.createFile(directory.resolve(".making-web"));
    containers.claim("web").close();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void save_again_replacesTheRecordByRename() throws IOException {
    save(containers, CONTAINER.mountedOn("/mnt", 42, true));
    Path record = directory.resolve("web/container.json");
    Object inode = Files.getAttribute(record, "unix:ino");
    // Who has the old record open goes on reading a whole one.
    Path held = Files.createLink(directory.resolve("held"), record);

    containers.save(CONTAINER.unmounted());
    assertThat(containers.find("web")).contains(CONTAINER);
    assertThat(Files.getAttribute(held, "unix:ino")).isEqualTo(inode);
    assertThat(held).content().contains("/mnt");
    try (Stream<Path> entries = Files.list(directory.resolve("web"))) {
      assertThat(entries.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("container.json", "upper", "work");
    }
  }

  @Test
  void find_recordOfALaterVersion_ignoresWhatItDoesNotKnow() throws IOException {
    save(containers, CONTAINER);
    Files.writeString(
        directory.resolve("web/container.json"),
        "{\"name\":\"web\",\"image\":\"sha256:00\",\"readOnly\":true,\"new\":[1]}");
    assertThat(containers.find("web")).map(Container::readOnly).contains(true);
  }

  @Test
  void find_directoryWithoutARecord_isNoContainer() throws IOException {
    containers.makeDirectories(CONTAINER);
    assertThat(containers.find("web")).isEmpty();
    assertThat(containers.mountedOn(Path.of("/mnt"))).isEmpty();
  }

  @Test
  void remove_takesTheWritableLayerAlong() throws IOException {
    save(containers, CONTAINER);
    Files.writeString(Files.createDirectory(containers.upper("web").resolve("d")).resolve("f"), "");
    containers.remove("web");
    assertThat(directory).isEmptyDirectory();
  }
}
