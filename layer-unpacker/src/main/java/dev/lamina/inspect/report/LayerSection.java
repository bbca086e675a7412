package dev.lamina.inspect.report;

import dev.lamina.inspect.HistoryRow;
import dev.lamina.inspect.Sizes;
import dev.lamina.inspect.layers.LayerSummary;
import dev.lamina.inspect.layers.NotableChange;
import dev.lamina.inspect.layers.Tally;
import dev.lamina.overlay.Change;
import java.util.Locale;

/** One layer: its command, its size against the largest, what it did. */
final class LayerSection {
  private static final int LONGEST_COMMAND = 4000;

  private final Html html;
  private final long largest;

  /** Writes to {@code html}; bars are as long as their part of {@code largest} bytes. */
  LayerSection(Html html, long largest) {
    this.html = html;
    this.largest = Math.max(1, largest);
  }

  void write(LayerSummary layer, HistoryRow row) {
    html.raw("<article class=\"layer\"><div class=\"top\"><h3>Layer ")
        .number(layer.number())
        .raw("</h3><span class=\"id soft\">")
        .text(layer.layer().diffId().hex().substring(0, 12))
        .raw("</span><span class=\"size\">")
        .text(Sizes.text(layer.bytes()))
        .raw("</span></div>");
    String command = command(row);
    html.raw("<p class=\"command\">").text(command).raw("</p>");
    bar(layer);
    html.raw("<ul class=\"counts\">");
    count("a", "added", layer.added());
    count("c", "changed", layer.changed());
    count("d", "deleted", layer.deleted());
    if (layer.hidden() > 0) {
      html.raw("<li>").text(Sizes.text(layer.hidden()) + " hidden by later layers").raw("</li>");
    }
    html.raw("</ul>");
    notable(layer);
    html.raw("</article>\n");
  }

  static String command(HistoryRow row) {
    String command = row == null ? "" : row.createdBy();
    return command.isEmpty()
        ? "(its history does not say how it was made)"
        : Html.shortened(command, LONGEST_COMMAND);
  }

  private void bar(LayerSummary layer) {
    html.raw("<div class=\"bar\" aria-hidden=\"true\">");
    part("", layer.bytes() - layer.hidden());
    part(" class=\"hatched\"", layer.hidden());
    html.raw("</div>");
  }

  private void part(String attribute, long bytes) {
    if (bytes > 0) {
      String width = String.format(Locale.ROOT, "%.2f", 100.0 * bytes / largest);
      html.raw("<span" + attribute + " style=\"width:" + width + "%\"></span>");
    }
  }

  private void count(String kind, String word, Tally tally) {
    html.raw("<li><span class=\"" + kind + "\">")
        .number(tally.objects())
        .text(" " + word)
        .raw("</span>");
    if (tally.bytes() > 0) {
      html.text(" (" + Sizes.text(tally.bytes()) + ")");
    }
    html.raw("</li>");
  }

  private void notable(LayerSummary layer) {
    if (layer.notable().isEmpty()) {
      return;
    }
    html.raw("<details><summary>Its largest changes</summary><div class=\"scroll\"><table>")
        .raw("<thead><tr><th scope=\"col\">What</th><th scope=\"col\" class=\"n\">Size</th>")
        .raw("<th scope=\"col\">Path</th></tr></thead><tbody>\n");
    for (NotableChange change : layer.notable()) {
      html.raw("<tr>")
          .cell(letter(change.kind()), word(change.kind()))
          .cell("n", Sizes.text(change.bytes()))
          .cell("path", Html.path(change.path()))
          .raw("</tr>\n");
    }
    html.raw("</tbody></table></div></details>");
  }

  private static String letter(Change.Kind kind) {
    return String.valueOf(kind.letter()).toLowerCase(Locale.ROOT);
  }

  private static String word(Change.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
