package dev.lamina.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.image.ImageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where credentials come from, as podman, skopeo and docker keep them. */
final class AuthFilesTest {
  @TempDir private Path home;

  private Client client;

  @BeforeEach
  void makeClient() throws IOException {
    client = new Client(home);
  }

  private Optional<String> find(String repository) throws ImageException {
    int slash = repository.indexOf('/');
    Place place =
        new Place(repository.substring(0, slash), repository.substring(slash + 1), true, false);
    return new AuthFiles(Optional.empty(), client.environment())
        .find(place)
        .map(c -> c.user() + ":" + c.identityToken().orElse(c.password()));
  }

  private static String auth(String pair) {
    byte[] bytes = pair.getBytes(StandardCharsets.UTF_8);
    return "{\"auth\":\"" + Base64.getEncoder().encodeToString(bytes) + "\"}";
  }

  private Path write(String path, String content) throws IOException {
    Path file = home.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  private void helper(String name, String script) throws IOException {
    Path file = write("bin/docker-credential-" + name, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    client.with("PATH", home.resolve("bin") + ":/usr/bin:/bin");
  }

  @Test
  void find_longestKeyThatFits_wins() throws Exception {
    write(
        ".config/containers/auth.json",
        "{\"auths\":{\"quay.io\":%s,\"quay.io/team\":%s,\"quay.io/te\":%s}}"
            .formatted(auth("host:h"), auth("team:t:with:colons"), auth("part:p")));
    assertThat(find("quay.io/team/app")).contains("team:t:with:colons");
    assertThat(find("quay.io/teams/app")).contains("host:h");
    assertThat(find("ghcr.io/team/app")).isEmpty();
  }

  @Test
  void find_inTheOrderOfTheFiles() throws Exception {
    write("docker/config.json", "{\"auths\":{\"a.b\":%s}}".formatted(auth("docker:1")));
    client.with("DOCKER_CONFIG", home.resolve("docker"));
    assertThat(find("a.b/x")).contains("docker:1");
    write(".config/containers/auth.json", "{\"auths\":{\"a.b\":%s}}".formatted(auth("config:1")));
    assertThat(find("a.b/x")).contains("config:1");
    write("run/containers/auth.json", "{\"auths\":{\"a.b\":%s}}".formatted(auth("run:1")));
    client.with("XDG_RUNTIME_DIR", home.resolve("run"));
    assertThat(find("a.b/x")).contains("run:1");
    write("run/containers/auth.json", "{\"auths\":{\"other\":%s}}".formatted(auth("run:1")));
    assertThat(find("a.b/x")).contains("config:1");
    client.with("REGISTRY_AUTH_FILE", write("named.json", "{}"));
    assertThat(find("a.b/x")).isEmpty();
  }

  @Test
  void find_dockerHub_byItsOldAddress() throws Exception {
    write(
        ".docker/config.json",
        "{\"auths\":{\"https://index.docker.io/v1/\":%s}}".formatted(auth("me:hub")));
    assertThat(find("docker.io/library/debian")).contains("me:hub");
  }

  @Test
  void find_helperOfTheHost_isAskedOnStandardInput() throws Exception {
    helper(
        "test",
        "read server; echo \"{\\\"Username\\\":\\\"$server\\\",\\\"Secret\\\":\\\"s\\\"}\"");
    write(".docker/config.json", "{\"credHelpers\":{\"quay.io\":\"test\"}}");
    assertThat(find("quay.io/a/b")).contains("quay.io:s");
    assertThat(find("ghcr.io/a/b")).isEmpty();
  }

  @Test
  void find_store_mayHoldIdentityTokensOrNothing() throws Exception {
    helper(
        "test",
        "read server; case $server in quay.io) echo '{\"Username\":\"<token>\",\"Secret\":\"id\"}' ;;"
            + " *) echo 'credentials not found in native keychain'; exit 1 ;; esac");
    write(".docker/config.json", "{\"credsStore\":\"test\",\"auths\":{\"quay.io\":{}}}");
    assertThat(find("quay.io/a")).contains("<token>:id");
    assertThat(find("ghcr.io/a")).isEmpty();
  }

  @Test
  void find_helperThatFailsOrIsMissing_isSaid() throws Exception {
    helper("test", "echo 'the keychain is locked'; exit 1");
    write(
        ".docker/config.json",
        "{\"credHelpers\":{\"a.b\":\"test\",\"c.d\":\"none\",\"e.f\":\"../x\"}}");
    assertThatThrownBy(() -> find("a.b/x"))
        .hasMessage("docker-credential-test failed: the keychain is locked");
    assertThatThrownBy(() -> find("c.d/x")).hasMessageContaining("docker-credential-none");
    assertThatThrownBy(() -> find("e.f/x")).hasMessageContaining("../x");
  }

  @Test
  void find_fileThatIsBroken_isNamedAndNotQuoted() throws Exception {
    Path file = write(".docker/config.json", "{\"auths\":{\"a.b\":{\"auth\":\"secret");
    assertThatThrownBy(() -> find("a.b/x"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining(file.toString())
        .hasMessageNotContaining("secret");
  }
}
