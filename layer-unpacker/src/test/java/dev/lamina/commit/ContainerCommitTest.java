package dev.lamina.commit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.image.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ContainerCommitTest {
  private static final Digest NEW = Digest.sha256(new byte[] {1});

  private static JsonNode committed(String parent) throws Exception {
    ContainerCommit commit =
        new ContainerCommit(
            "test",
            Optional.empty(),
            Optional.empty(),
            new ConfigChanges(),
            Instant.EPOCH, //
            Optional.empty());
    byte[] config = commit.config(parent.getBytes(StandardCharsets.UTF_8), Optional.of(NEW));
    return new ObjectMapper().readTree(config);
  }

  @Test
  void config_historyShorterThanTheLayers_tellsTheNewLayerLast() throws Exception {
    JsonNode config =
        committed(
            """
            {"rootfs": {"type": "layers", "diff_ids": ["sha256:a", "sha256:b"]},
             "history": [{"created_by": "ENV", "empty_layer": true}, {"created_by": "first"}]}
            """);
    assertThat(config.at("/rootfs/diff_ids")).hasSize(3);
    assertThat(config.at("/history").findValuesAsText("created_by"))
        .containsExactly("ENV", "first", "test");
    assertThat(config.at("/history")).hasSize(4);
    assertThat(config.at("/history/3/created_by").asText()).isEqualTo("test");
  }

  @Test
  void config_noHistory_getsAnEntryForEachLayer() throws Exception {
    JsonNode config =
        committed("{\"rootfs\": {\"type\": \"layers\", \"diff_ids\": [\"sha256:a\"]}}");
    assertThat(config.at("/history")).hasSize(2);
    assertThat(config.at("/history/1/created_by").asText()).isEqualTo("test");
  }
}
