package dev.lamina.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigChangesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static String changed(String config, String... instructions) throws Exception {
    ConfigChanges changes = new ConfigChanges();
    for (String instruction : instructions) {
      changes.add(instruction);
    }
    ObjectNode node = (ObjectNode) JSON.readTree(config.replace('\'', '"'));
    changes.applyTo(node);
    return JSON.writeValueAsString(node).replace('"', '\'');
  }

  @Test
  void command_isAListOrALineForTheShell() throws Exception {
    assertThat(changed("{}", "CMD [\"a b\", \"c\"]")).isEqualTo("{'Cmd':['a b','c']}");
    assertThat(changed("{}", "cmd echo $HOME")).isEqualTo("{'Cmd':['/bin/sh','-c','echo $HOME']}");
    assertThat(changed("{}", "CMD [ -f x ]")).isEqualTo("{'Cmd':['/bin/sh','-c','[ -f x ]']}");
  }

  @Test
  void entrypoint_takesTheOldCommandAway() throws Exception {
    assertThat(changed("{'Cmd':['x']}", "ENTRYPOINT [\"y\"]")).isEqualTo("{'Entrypoint':['y']}");
    assertThat(changed("{}", "ENTRYPOINT [\"y\"]", "CMD [\"z\"]"))
        .isEqualTo("{'Entrypoint':['y'],'Cmd':['z']}");
  }

  @Test
  void variables_areReplacedInTheirPlaceOrAdded() throws Exception {
    assertThat(changed("{'Env':['A=1','B=2']}", "ENV A=one C=\"3 4\""))
        .isEqualTo("{'Env':['A=one','B=2','C=3 4']}");
    assertThat(changed("{}", "ENV A b c")).isEqualTo("{'Env':['A=b c']}");
    assertThat(changed("{'Env':['AB=1']}", "ENV A=")).isEqualTo("{'Env':['AB=1','A=']}");
  }

  @Test
  void mapsKeepWhatTheyHave() throws Exception {
    assertThat(changed("{'Labels':{'a':'1'}}", "LABEL b='2 3'", "EXPOSE 80 53/udp"))
        .isEqualTo("{'Labels':{'a':'1','b':'2 3'},'ExposedPorts':{'80/tcp':{},'53/udp':{}}}");
    assertThat(changed("{}", "VOLUME /a /b", "USER 1:2", "WORKDIR /w", "STOPSIGNAL SIGINT"))
        .isEqualTo(
            "{'Volumes':{'/a':{},'/b':{}},'User':'1:2','WorkingDir':'/w','StopSignal':'SIGINT'}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "CMD", "RUN x", "ENV nothing", "LABEL =x"})
  void whatIsNoInstruction_isRefusedInWords(String instruction) {
    assertThatThrownBy(() -> new ConfigChanges().add(instruction))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"");
  }
}
