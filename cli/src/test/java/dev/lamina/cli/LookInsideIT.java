package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.fixtures.mount.MountScratch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands that look into images, as their users run them: nothing is ever mounted. */
final class LookInsideIT extends EndToEnd {
  private Path here;
  private StateDirectory state;
  private String source;

  @BeforeEach
  void makeImage(MountScratch scratch) throws Exception {
    here = scratch.root();
    state = new StateDirectory(here.resolve("state"));
    source = TestImages.everything(here.resolve("image"));
  }

  private CommandResult lamina(Object... arguments) throws Exception {
    return state.launcher().lamina(arguments);
  }

  private String unpacked() throws Exception {
    lamina("unpack", source).succeeds();
    return "image:v1";
  }

  private JsonNode json(Object... arguments) throws Exception {
    return new ObjectMapper().readTree(lamina(arguments).succeeds().out());
  }

  private List<String> lines(Object... arguments) throws Exception {
    return lamina(arguments).succeeds().out().lines().toList();
  }

  @Test
  void history_hasARowPerStep_theLatestFirst() throws Exception {
    String image = unpacked();
    String id = state.image(image).id().hex();
    List<String> lines = lines("history", image);
    assertThat(lines.get(0)).matches("IMAGE +CREATED +CREATED BY +SIZE +COMMENT");
    assertThat(lines).hasSize(4);
    assertThat(lines.get(1)).matches(id.substring(0, 12) + " +\\d+ years ago +a test .*");
    assertThat(lines.get(3)).startsWith("<missing> ").contains("kB");
    assertThat(lines("history", "-q", "--no-trunc", image))
        .containsExactly("sha256:" + id, "<missing>", "<missing>");
    assertThat(lines("history", "--human=false", image).get(1)).contains("1970-01-01T00:00:00Z");
    JsonNode json = json("history", "--format", "json", image);
    assertThat(json).hasSize(3);
    assertThat(json.get(0).get("createdBy").asText()).isEqualTo("a test");
    assertThat(json.get(2).get("size").asLong()).isPositive();
  }

  @Test
  void inspect_describesImagesAndContainers() throws Exception {
    String image = unpacked();
    Path mnt = Files.createDirectory(here.resolve("mnt"));
    lamina("mount", image, mnt, "--name", "web").succeeds();
    JsonNode both = json("inspect", "web", image);
    assertThat(both.get(0).get("name").asText()).isEqualTo("web");
    assertThat(both.get(0).get("mountPoint").asText()).isEqualTo(mnt.toString());
    assertThat(Path.of(both.get(0).get("upper").asText())).isDirectory();
    assertThat(both.get(1).get("layers")).hasSize(3);
    assertThat(both.get(1).get("digests").get(0).asText()).startsWith("image@sha256:");
    lamina("inspect", "--type", "container", image).exits(3);
    lamina("inspect", "nobody").exits(3);
    lamina("inspect", "--type", "thing", image).exits(2);
  }

  @Test
  void layers_tellsWhatEachDoes() throws Exception {
    List<String> lines = lines("layers", unpacked());
    assertThat(lines.get(0)).matches("LAYER +DIGEST +SIZE +FILES +ADDED +CHANGED +DELETED .*");
    assertThat(lines).anyMatch(line -> line.matches("efficiency \\d+\\.\\d\\d%, wasted .*"));
    JsonNode json = json("layers", "--format", "json", "--worst", "2", "image:v1");
    assertThat(json.get("layers")).hasSize(3);
    // etc/gone; usr/share/doc, two files and a directory; two files and a directory that opaque
    // hides; what was in swap/directory-to-file.
    assertThat(json.get("layers").get(1).get("deleted").get("objects").asInt()).isEqualTo(9);
    assertThat(json.get("worst")).hasSizeBetween(1, 2);
    assertThat(json.get("efficiency").asDouble()).isBetween(0.1, 1.0);
  }

  @Test
  void ls_showsTheMergedTree() throws Exception {
    String image = unpacked();
    assertThat(lines("ls", image, "/etc")).containsExactly("motd", "replaced");
    assertThat(lines("ls", "-R", image, "opaque")).containsExactly("opaque/new");
    assertThat(lines("ls", "-R", image, "/swap"))
        .containsExactly(
            "/swap/directory-to-file", "/swap/file-to-directory", "/swap/file-to-directory/inside");
    assertThat(lines("ls", "-l", image, "/dev/null").get(0))
        .matches("crw-rw-rw-  1     0     0       1, 3 2017-07-14 02:40 /dev/null");
    assertThat(lines("ls", "-l", image, "/bin"))
        .anyMatch(line -> line.matches("l.* link -> tool"))
        .anyMatch(line -> line.matches("-rwsr-xr-x +\\d +0 +0 +300000 .* tool"));
    JsonNode json =
        new ObjectMapper().readTree(lamina("ls", "--format", "json", image, "/bin").out());
    assertThat(json).extracting(entry -> entry.get("name").asText()).contains("link", "tool");
    assertThat(json).extracting(entry -> entry.get("type").asText()).contains("symlink", "file");
    assertThat(json.findValues("target")).extracting(JsonNode::asText).contains("tool");
    assertThat(lamina("ls", image, "/nothing").exits(1).message()).contains("/nothing");
  }

  @Test
  void ls_ofALayer_showsItsDeletions() throws Exception {
    String image = unpacked();
    assertThat(lines("ls", "--layer", "2", "-R", image, "/etc"))
        .containsExactly("/etc/.wh.gone", "/etc/replaced");
    assertThat(lines("ls", "--layer", "2", image, "/opaque"))
        .containsExactly(".wh..wh..opq", "new");
    assertThat(lines("ls", "--layer", "2", "-l", image, "/usr/share"))
        .singleElement()
        .asString()
        .matches("deleted .* \\.wh\\.doc");
    assertThat(lines("ls", "--layer", "1", image)).contains("etc", "opaque", "swap");
    lamina("ls", "--layer", "9", image).exits(3);
    lamina("ls", "--layer", "3", image, "/swap").exits(1);
  }

  @Test
  void namesThatAreNotUtf8_areExact_andCanBeGiven() throws Exception {
    String image = unpacked();
    CommandResult shell =
        Launcher.sh(
            "export LAMINA_ROOT=\"$2\"; n=$(printf '/n/\\376');"
                + " \"$1\" ls -0 \"$3\" /n | od -An -tx1; \"$1\" cat \"$3\" \"$n\"",
            Launcher.CLONE.resolve("lamina"),
            state.root(),
            image);
    assertThat(shell.succeeds().out()).isEqualTo(" fe 00\nanother\n");
  }

  @Test
  void cat_writesFiles_linksFollowedInside() throws Exception {
    String image = unpacked();
    assertThat(lamina("cat", image, "/etc/motd", "deep/er/absolute").succeeds().out())
        .isEqualTo("one\none\n");
    assertThat(lamina("cat", image, "/etc").exits(1).message()).contains("directory");
    assertThat(lamina("cat", image, "/etc/gone").exits(1).message()).contains("/etc/gone");
  }

  @Test
  void diff_ofTwoImages_andOfAContainer() throws Exception {
    String image = unpacked();
    String small = TestImages.small(here.resolve("small"));
    assertThat(lines("diff", image, small))
        .contains("D /bin", "C /etc", "A /etc/group", "C /etc/motd", "A /srv/data")
        .doesNotContain("D /bin/tool");
    assertThat(lines("diff", image, source)).isEmpty();
    JsonNode json = json("diff", "--format", "json", image, small);
    assertThat(json.get("added")).anyMatch(path -> path.asText().equals("/srv/data"));
    Path mnt = Files.createDirectory(here.resolve("mnt"));
    lamina("mount", image, mnt, "--name", "web").succeeds();
    Files.writeString(mnt.resolve("etc/motd"), "changed");
    assertThat(lamina("diff", "-0", "web").succeeds().out()).isEqualTo("C /etc\0C /etc/motd\0");
  }

  @Test
  void export_isWhatTarReads() throws Exception {
    String image = unpacked();
    Path file = here.resolve("export.tar");
    CommandResult export = lamina("export", "-o", file, image).succeeds();
    assertThat(export.err()).matches("exported \\d+ objects, .*\n");
    byte[] archive = Files.readAllBytes(file);
    CommandResult listed = Launcher.sh("tar -tf \"$1\" | sort", file).succeeds();
    assertThat(listed.out().lines())
        .contains("etc/", "etc/motd", "bin/tool", "opaque/new")
        .doesNotContain("etc/gone", "opaque/old");
    CommandResult piped =
        Launcher.sh(
            "LAMINA_ROOT=\"$2\" \"$1\" export \"$3\" | cmp - \"$4\"",
            Launcher.CLONE.resolve("lamina"),
            state.root(),
            image,
            file);
    piped.succeeds();
    assertThat(archive).isNotEmpty();
    try (var left = Files.list(here)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.contains("lamina-"));
    }
  }

  @Test
  void export_toAPipeThatCloses_endsWithAMessage() throws Exception {
    CommandResult result =
        Launcher.sh(
            "set +e; LAMINA_ROOT=\"$2\" \"$1\" export \"$3\" 2>\"$4\" | head -c 10 >/dev/null;"
                + " cat \"$4\"",
            Launcher.CLONE.resolve("lamina"),
            state.root(),
            unpacked(),
            here.resolve("err"));
    assertThat(result.out()).contains("standard output could not be written");
  }

  @Test
  void report_isOnePage() throws Exception {
    Path page = here.resolve("report.html");
    lamina("report", unpacked(), "-o", page).succeeds();
    String html = Files.readString(page, StandardCharsets.UTF_8);
    assertThat(html).startsWith("<!DOCTYPE html>").contains("<h1>image:v1</h1>").endsWith("\n");
    lamina("report", "image:v1", "-o", here.resolve("no/such/report.html")).exits(1);
  }

  @ParameterizedTest
  @CsvSource({"history", "inspect", "layers", "ls", "export"})
  void imageThatIsNotInTheStore_isUnpackedForTheMoment(String command) throws Exception {
    CommandResult result = lamina(command, source).succeeds();
    assertThat(result.out()).isNotEmpty();
    assertThat(result.err()).contains("layer 1/3");
    state.holdsOnly();
    assertThat(lines("images", "-q")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"history", "inspect", "layers", "ls", "export"})
  void imageThatIsNowhere_isNotFound(String command) throws Exception {
    assertThat(lamina(command, "nothing:v1").exits(3).message()).contains("nothing:v1");
  }

  @ParameterizedTest
  @CsvSource({"history --format xml", "layers --format yaml", "layers --worst -1"})
  void wrongOptions_areUsageErrors(String command) throws Exception {
    String image = unpacked();
    lamina((Object[]) (command + " " + image).split(" ", -1)).exits(2);
  }
}
