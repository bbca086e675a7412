package dev.lamina.inspect.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRoot;
import dev.lamina.store.StoreFixture;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page says what the analysis says, is small, loads nothing, and believes no image. */
@RequiresRoot
final class ImageReportTest {
  private static final Pattern DATA =
      Pattern.compile("<script type=\"application/json\" id=\"sizes\">(.*?)</script>");

  private StoreFixture store;

  @BeforeEach
  void openStore(MountScratch scratch) {
    store = new StoreFixture(scratch);
  }

  private String page(ImageBuilder image) throws IOException {
    return ImageReport.of(store.unpack(image), layer -> {}).page();
  }

  private static JsonNode data(String page) throws IOException {
    Matcher matcher = DATA.matcher(page);
    assertThat(matcher.find()).isTrue();
    return new ObjectMapper().readTree(matcher.group(1));
  }

  @Test
  void page_hasTheFiguresOfTheAnalysis() throws IOException {
    String page =
        page(
            new ImageBuilder()
                .layer(new TarBuilder().file("a", new byte[2000]).file("kept", new byte[6000]))
                .layer(new TarBuilder().file("a", new byte[4000]))
                .configFields(
                    ",\"history\":[{\"created_by\":\"COPY a\"},{\"created_by\":\"COPY b\"}]"));
    // a: 2000 of 6000; kept: 6000 of 6000.
    assertThat(page)
        .contains("<dd>66.7 %</dd>", "<dd>6.00kB</dd>", "<dd>12.0kB</dd>", "COPY a", "COPY b")
        .contains("<td class=\"path\">/kept</td>");
    JsonNode image = data(page);
    assertThat(image.get(1).asLong()).isEqualTo(12000);
    assertThat(image.get(3).asLong()).isEqualTo(10000);
    assertThat(image.get(4).get(0).get(0).asText()).isEqualTo("layer 1");
  }

  @Test
  void textOfTheImage_isNeverMarkup() throws IOException {
    String attack = "</script><script>alert(1)</script><img src=x onerror=alert(1)>";
    String page =
        page(
            new ImageBuilder()
                .layer(new TarBuilder().file("<img src=x>\"'&", new byte[9999]))
                .layer(new TarBuilder().file("d/" + attack.replace('/', '-'), new byte[9999]))
                .configFields(
                    ",\"history\":[{\"created_by\":\""
                        + attack
                        + "\"},"
                        + "{\"created_by\":\"\\u202e\\u0000\",\"created\":\"<b>\"}]"));
    assertThat(page)
        .doesNotContain("<script>alert")
        .doesNotContain("<img")
        .doesNotContain("<b>")
        .doesNotContain("\u202e")
        .doesNotContain("\u0000")
        .contains("&lt;img src=x&gt;");
    assertThat(page.split("</script", -1)).as("script elements").hasSize(3);
    assertThat(data(page).get(4)).hasSize(2);
  }

  @Test
  void page_loadsNothing() throws IOException {
    String page = page(new ImageBuilder().layer(new TarBuilder().file("a", "1")));
    assertThat(page).contains("default-src 'none'");
    assertThat(page).doesNotContainPattern("(?i)(src|href)\\s*=|url\\(|@import|https?:");
  }

  @Test
  void page_ofManyFiles_isSmall() throws IOException {
    TarBuilder files = new TarBuilder();
    for (int i = 0; i < 20_000; i++) {
      files.file("dir" + i % 200 + "/a-file-with-a-name-" + i, "x".repeat(i % 7));
    }
    ImageBuilder image = new ImageBuilder().layer(files);
    for (int i = 0; i < 60; i++) {
      TarBuilder layer = new TarBuilder();
      for (int j = 0; j < 50; j++) {
        layer.file("some/directory/of/layer" + i + "/file" + j, "content of " + j);
      }
      image.layer(layer);
    }
    try (MountScratch memory = StoreFixture.scratchInMemory(256 << 20)) {
      store = new StoreFixture(memory);
      assertThat(page(image).length()).isLessThan(1_000_000);
    }
  }
}
