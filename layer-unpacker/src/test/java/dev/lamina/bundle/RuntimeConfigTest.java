package dev.lamina.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of an image's configuration, and of a user's words, a runtime is told. */
final class RuntimeConfigTest {
  private static final ProcessUser ROOT = new ProcessUser(0, 0, List.of(), "/root");

  private static ImageConfig image(String config) throws ImageException {
    String document =
        "{'architecture':'amd64','os':'linux','created':'2026-01-01T00:00:00Z','config':"
            + config
            + "}";
    return ImageConfig.parse(
        document.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "a test");
  }

  private static RunOptions options(String... command) {
    return new RunOptions(List.of(command), null, List.of(), null, null, false, false, false, "c");
  }

  private static JsonNode process(String config, RunOptions options) throws Exception {
    return document(config, options, ROOT).get("process");
  }

  private static JsonNode document(String config, RunOptions options, ProcessUser user)
      throws Exception {
    return new ObjectMapper().readTree(new RuntimeConfig(image(config), options).write(user));
  }

  private static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>();
    array.forEach(node -> strings.add(node.asText()));
    return strings;
  }

  @Test
  void commandOfTheImage_runsUnlessAnotherIsGiven() throws Exception {
    String config = "{'Entrypoint':['/entry','-x'],'Cmd':['a','b']}";
    assertThat(strings(process(config, options()).get("args")))
        .containsExactly("/entry", "-x", "a", "b");
    assertThat(strings(process(config, options("c")).get("args")))
        .containsExactly("/entry", "-x", "c");
    RunOptions other =
        new RunOptions(List.of("d"), "/other", List.of(), null, null, false, false, false, "c");
    assertThat(strings(process(config, other).get("args"))).containsExactly("/other", "d");
    RunOptions none =
        new RunOptions(List.of("d"), "", List.of(), null, null, false, false, false, "c");
    assertThat(strings(process(config, none).get("args"))).containsExactly("d");
    assertThatThrownBy(() -> process("{}", options()))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("no command");
  }

  @Test
  void environment_isDefaultsImageUser_eachOnTopOfTheOther() throws Exception {
    RunOptions options =
        new RunOptions(
            List.of("x"), null, List.of("A=mine", "B=two=2"), null, null, true, false, false, "c");
    List<String> environment =
        strings(process("{'Env':['PATH=/p','A=image','EMPTY=','L=1\\n2=3']}", options).get("env"));
    assertThat(environment)
        .containsExactlyInAnyOrder(
            "PATH=/p",
            "TERM=xterm",
            "HOSTNAME=c",
            "HOME=/root",
            "A=mine",
            "EMPTY=",
            "L=1\n2=3",
            "B=two=2");
  }

  @Test
  void directoryUserAndAnnotations_areTheImages() throws Exception {
    String config =
        "{'WorkingDir':'srv','User':'web','StopSignal':'SIGQUIT','Labels':{'a':'b'},"
            + "'ExposedPorts':{'80/tcp':{},'443/tcp':{}}}";
    RuntimeConfig runtime = new RuntimeConfig(image(config), options("x"));
    assertThat(runtime.user()).isEqualTo("web");
    JsonNode document =
        new ObjectMapper()
            .readTree(runtime.write(new ProcessUser(33, 34, List.of(50L), "/var/www")));
    assertThat(document.at("/process/cwd").asText()).isEqualTo("/srv");
    assertThat(document.at("/process/user").toString())
        .isEqualTo("{\"uid\":33,\"gid\":34,\"additionalGids\":[50]}");
    assertThat(document.at("/process/capabilities/effective")).isEmpty();
    assertThat(document.at("/process/capabilities/bounding")).isNotEmpty();
    JsonNode annotations = document.get("annotations");
    assertThat(annotations.get("org.opencontainers.image.stopSignal").asText())
        .isEqualTo("SIGQUIT");
    assertThat(annotations.get("org.opencontainers.image.exposedPorts").asText())
        .isEqualTo("443/tcp,80/tcp");
    assertThat(annotations.get("a").asText()).isEqualTo("b");
  }

  @Test
  void networkAndRoot_areAsAsked() throws Exception {
    RunOptions options =
        new RunOptions(List.of("x"), null, List.of(), null, null, false, true, true, "c");
    JsonNode document = document("{}", options, ROOT);
    assertThat(document.at("/root/readonly").asBoolean()).isTrue();
    assertThat(document.at("/linux/namespaces").toString()).doesNotContain("network");
    assertThat(document("{}", options("x"), ROOT).at("/linux/namespaces").toString())
        .contains("network");
  }
}
