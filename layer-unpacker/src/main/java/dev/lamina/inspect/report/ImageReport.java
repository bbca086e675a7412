package dev.lamina.inspect.report;

import dev.lamina.image.ImageName;
import dev.lamina.inspect.HistoryRow;
import dev.lamina.inspect.Sizes;
import dev.lamina.inspect.layers.ImageAnalysis;
import dev.lamina.inspect.layers.LargeFile;
import dev.lamina.inspect.layers.LayerSummary;
import dev.lamina.inspect.layers.WastedPath;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/** The page about one image. Its size is bounded, whatever the size of the image. */
public final class ImageReport {
  private static final ImageAnalysis.Detail DETAIL = new ImageAnalysis.Detail(50, 50, 4000);

  private final StoredImage image;
  private final ImageAnalysis analysis;
  private final List<HistoryRow> history;

  /** The step that made each layer, by the layer's number. */
  private final Map<Integer, HistoryRow> steps = new HashMap<>();

  private final Html html = new Html();

  private ImageReport(StoredImage image, ImageAnalysis analysis) {
    this.image = image;
    this.analysis = analysis;
    this.history = HistoryRow.of(image);
    history.forEach(row -> steps.put(row.number(), row));
  }

  /** Reads all layers of {@code image}; {@code progress} as of {@link ImageAnalysis#of}. */
  public static ImageReport of(StoredImage image, IntConsumer progress) throws IOException {
    return new ImageReport(image, ImageAnalysis.of(image, DETAIL, progress));
  }

  /** The page: HTML in UTF-8, complete. */
  public String page() {
    String name =
        image.names().isEmpty()
            ? image.id().hex().substring(0, 12)
            : image.names().stream().map(ImageName::toString).collect(Collectors.joining(", "));
    html.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';")
        .raw(" style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>")
        .text(name + ": layers")
        .raw("</title>\n<style>\n")
        .raw(resource("report.css"))
        .raw("</style>\n</head>\n<body>\n");
    header(name);
    html.raw("<main>\n");
    picture();
    layers();
    wasted();
    largest();
    history();
    html.raw("</main>\n<footer>Made by <code>lamina report</code>. Efficiency and wasted bytes are")
        .raw(" dive's: the smallest size of each path over the sum of all its sizes, and the bytes")
        .raw(" of all paths that several layers have. Hidden are the bytes that layers hold and")
        .raw(" the image does not show.</footer>\n<script type=\"application/json\" id=\"sizes\">")
        .raw(SizesData.of(analysis, steps))
        .raw("</script>\n<script>\n")
        .raw(resource("report.js"))
        .raw("</script>\n</body>\n</html>\n");
    return html.toString();
  }

  private void header(String name) {
    html.raw("<header>\n<h1>").text(name).raw("</h1>\n<p class=\"id soft\">");
    html.text(image.id().toString()).raw("</p>\n<p class=\"soft\">");
    html.text(platform()).raw("</p>\n<dl class=\"figures\">");
    figure("Size", Sizes.text(analysis.bytes()));
    figure("Layers", Integer.toString(analysis.layers().size()));
    long files = analysis.layers().stream().mapToLong(LayerSummary::files).sum();
    figure("Files in layers", String.format(Locale.ROOT, "%,d", files));
    figure("Efficiency", String.format(Locale.ROOT, "%.1f %%", 100 * analysis.efficiency()));
    figure("Wasted", Sizes.text(analysis.wasted()));
    figure("Hidden", Sizes.text(analysis.hidden()));
    html.raw("</dl>\n</header>\n");
  }

  private String platform() {
    String os = image.config().os() == null ? "unknown system" : image.config().os();
    String arch = image.config().architecture() == null ? "" : "/" + image.config().architecture();
    String created = image.config().created();
    return os + arch + (created == null ? "" : ", created " + time(created));
  }

  private void figure(String what, String value) {
    html.raw("<div><dt>").text(what).raw("</dt><dd>").text(value).raw("</dd></div>");
  }

  private void picture() {
    html.raw("<section id=\"picture\" aria-labelledby=\"where\" hidden>\n<h2 id=\"where\">")
        .raw("Where the bytes are</h2>\n<p class=\"legend soft\">Each field is as large as what it")
        .raw(" holds. Open one to see what is in it; Escape goes back.")
        .raw(" <span class=\"swatch hatched\"></span> is hidden by later layers.</p>\n")
        .raw("<nav aria-label=\"Where the picture is\"><ol class=\"way\" id=\"way\"></ol></nav>\n")
        .raw("<div class=\"map\" id=\"map\" role=\"group\" tabindex=\"-1\"")
        .raw(" aria-label=\"Sizes of layers and directories\"></div>\n")
        .raw("<p class=\"reader\" id=\"said\" aria-live=\"polite\"></p>\n</section>\n");
  }

  private void layers() {
    long largest = analysis.layers().stream().mapToLong(LayerSummary::bytes).max().orElse(0);
    html.raw("<section aria-labelledby=\"layers\">\n<h2 id=\"layers\">Layers</h2>\n")
        .raw("<p class=\"soft\">The first one is the bottommost. Sizes are of file content; the")
        .raw(" hatched part of a bar is hidden by later layers.</p>\n");
    LayerSection section = new LayerSection(html, largest);
    for (LayerSummary layer : analysis.layers()) {
      section.write(layer, steps.get(layer.number()));
    }
    html.raw("</section>\n");
  }

  private void wasted() {
    html.raw("<section aria-labelledby=\"wasted\">\n<h2 id=\"wasted\">What is wasted</h2>\n");
    if (analysis.worst().isEmpty()) {
      html.raw("<p>Nothing: no file is in two layers.</p>\n</section>\n");
      return;
    }
    html.raw("<p class=\"soft\">Paths that several layers have, or have and delete, by the bytes")
        .raw(" of all of them together.</p>\n");
    table("Wasted", "Layers");
    for (WastedPath path : analysis.worst()) {
      row(path.bytes(), path.occurrences(), path.path());
    }
    html.raw("</tbody></table></div>\n</section>\n");
  }

  private void largest() {
    html.raw("<section aria-labelledby=\"largest\">\n<h2 id=\"largest\">Largest files</h2>\n")
        .raw("<p class=\"soft\">Of those that the image shows.</p>\n");
    table("Size", "Layer");
    for (LargeFile file : analysis.largest()) {
      row(file.bytes(), file.layer(), file.path());
    }
    html.raw("</tbody></table></div>\n</section>\n");
  }

  private void table(String size, String layers) {
    html.raw("<div class=\"scroll\"><table><thead><tr><th scope=\"col\" class=\"n\">" + size)
        .raw("</th><th scope=\"col\" class=\"n\">" + layers)
        .raw("</th><th scope=\"col\">Path</th></tr></thead><tbody>\n");
  }

  private void row(long bytes, int layers, byte[] path) {
    html.raw("<tr>")
        .cell("n", Sizes.text(bytes))
        .cell("n", Integer.toString(layers))
        .cell("path", Html.path(path))
        .raw("</tr>\n");
  }

  private void history() {
    html.raw("<section aria-labelledby=\"steps\">\n<h2 id=\"steps\">How it was made</h2>\n")
        .raw("<p class=\"soft\">All steps of its history, the latest first; most change no file,")
        .raw(" and have no layer.</p>\n<div class=\"scroll\"><table><thead><tr>")
        .raw("<th scope=\"col\" class=\"n\">Layer</th><th scope=\"col\">Created</th>")
        .raw("<th scope=\"col\">By</th></tr></thead><tbody>\n");
    for (HistoryRow row : history) {
      String created = row.created() == null ? "" : row.created();
      html.raw("<tr>")
          .cell("n", row.number() == 0 ? "" : Integer.toString(row.number()))
          .cell("soft time", time(created))
          .cell("command", LayerSection.command(row))
          .raw("</tr>\n");
    }
    html.raw("</tbody></table></div>\n</section>\n");
  }

  /** The time without fractions of a second, or whatever stands in its place. */
  private static String time(String text) {
    return text.replaceFirst("^(\\d{4}-\\d\\d-\\d\\d)T(\\d\\d:\\d\\d:\\d\\d)(\\.\\d+)?", "$1 $2")
        .replaceFirst("Z$", " UTC");
  }

  private static String resource(String name) {
    try (InputStream in = ImageReport.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
