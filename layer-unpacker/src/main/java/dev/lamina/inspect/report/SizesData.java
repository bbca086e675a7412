package dev.lamina.inspect.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.lamina.inspect.HistoryRow;
import dev.lamina.inspect.layers.ImageAnalysis;
import dev.lamina.inspect.layers.LayerSummary;
import dev.lamina.inspect.layers.SizeNode;
import dev.lamina.linux.Name;
import java.util.Map;

/**
 * What {@code report.js} draws: for each node an array of its name, its bytes, its files, how many
 * bytes of it the image shows, and its children where it has any; a layer has its command, too.
 */
final class SizesData {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Characters of a command that find room. */
  private static final int NOTE = 160;

  private SizesData() {}

  /** The data as JSON that may stand in a {@code script} element. */
  static String of(ImageAnalysis analysis, Map<Integer, HistoryRow> steps) {
    ArrayNode layers = JSON.createArrayNode();
    long files = 0;
    for (LayerSummary layer : analysis.layers()) {
      files += layer.files();
      ArrayNode node = node("layer " + layer.number(), layer.map());
      if (layer.map().children().isEmpty()) {
        node.addArray();
      }
      String command = LayerSection.command(steps.get(layer.number()));
      layers.add(node.add(Html.shortened(Html.shown(command), NOTE)));
    }
    ArrayNode image = JSON.createArrayNode();
    image.add("image").add(analysis.bytes()).add(files);
    image.add(analysis.bytes() - analysis.hidden()).add(layers);
    try {
      // A script element ends at the first "</script", whatever JSON thinks of quotes.
      return JSON.writeValueAsString(image).replace("<", "\\u003c");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("arrays that cannot be written", e);
    }
  }

  /** By recursion: the pictures of layers are not deep. */
  private static ArrayNode node(String name, SizeNode size) {
    ArrayNode node = JSON.createArrayNode();
    node.add(name).add(size.bytes()).add(size.files()).add(size.shown());
    if (!size.children().isEmpty()) {
      ArrayNode children = node.addArray();
      for (SizeNode child : size.children()) {
        String slash = child.isDirectory() ? "/" : "";
        children.add(node(Html.shown(Name.printable(child.name())) + slash, child));
      }
    }
    return node;
  }
}
