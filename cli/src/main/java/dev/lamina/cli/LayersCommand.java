package dev.lamina.cli;

import dev.lamina.inspect.HistoryRow;
import dev.lamina.inspect.Sizes;
import dev.lamina.inspect.layers.ImageAnalysis;
import dev.lamina.inspect.layers.LayerSummary;
import dev.lamina.inspect.layers.WastedPath;
import dev.lamina.linux.Name;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina layers}: what each layer of an image does, and what is wasted. */
@Command(
    name = "layers",
    mixinStandardHelpOptions = true,
    description = {
      "Show what each layer of an image holds, adds, changes and deletes, and what is wasted.",
      "Efficiency and wasted bytes are dive's."
    })
final class LayersCommand implements Callable<Integer> {
  private static final int SHORT_DIGEST = 12;
  private static final int SHORT_COMMAND = 40;

  @ParentCommand private Lamina lamina;

  @Mixin private PlatformOption platform;

  @Option(
      names = "--worst",
      paramLabel = "N",
      description = "how many of the paths that waste most to list (default: 10)")
  private int worst = 10;

  @Option(names = "--no-trunc", description = "whole digests")
  private boolean whole;

  @Mixin private OutputFormat format = new OutputFormat();

  @Parameters(paramLabel = "IMAGE", description = PlatformOption.IMAGE)
  private String text;

  @Override
  public Integer call() throws Exception {
    format.require();
    if (worst < 0) {
      throw new CommandFailure(ExitStatus.USAGE, "--worst is a number of paths, not " + worst);
    }
    try (ImageVisit visit = platform.visit(lamina)) {
      StoredImage image = visit.image(text);
      ImageAnalysis analysis = analysis(image);
      Map<Integer, String> commands = new HashMap<>();
      HistoryRow.of(image).forEach(row -> commands.put(row.number(), row.createdBy()));
      if (format.isJson()) {
        JsonOutput.print(json(image, analysis, commands));
      } else {
        print(analysis, commands);
      }
    }
    return ExitStatus.OK;
  }

  private ImageAnalysis analysis(StoredImage image) throws IOException {
    try (StepLine line = new StepLine()) {
      return ImageAnalysis.of(
          image, new ImageAnalysis.Detail(worst, 0, 0), line.readingLayers(image.layers().size()));
    }
  }

  private void print(ImageAnalysis analysis, Map<Integer, String> commands) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "LAYER",
            "DIGEST",
            "SIZE",
            "FILES",
            "ADDED",
            "CHANGED",
            "DELETED",
            "HIDDEN",
            "CREATED BY"));
    for (LayerSummary layer : analysis.layers()) {
      String command = HistoryCommand.oneLine(commands.getOrDefault(layer.number(), ""));
      String digest = layer.layer().diffId().toString();
      rows.add(
          List.of(
              Integer.toString(layer.number()),
              whole ? digest : layer.layer().diffId().hex().substring(0, SHORT_DIGEST),
              Sizes.text(layer.bytes()),
              Long.toString(layer.files()),
              Long.toString(layer.added().objects()),
              Long.toString(layer.changed().objects()),
              Long.toString(layer.deleted().objects()),
              Sizes.text(layer.hidden()),
              command.length() <= SHORT_COMMAND || whole
                  ? command
                  : command.substring(0, SHORT_COMMAND - 1) + "\u2026"));
    }
    System.out.print(TextTable.format(rows));
    System.out.println();
    System.out.printf(
        Locale.ROOT,
        "efficiency %.2f%%, wasted %s, hidden %s of %s%n",
        100 * analysis.efficiency(),
        Sizes.text(analysis.wasted()),
        Sizes.text(analysis.hidden()),
        Sizes.text(analysis.bytes()));
    if (!analysis.worst().isEmpty()) {
      System.out.println();
      printWorst(analysis.worst());
    }
  }

  private static void printWorst(List<WastedPath> paths) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("WASTED", "LAYERS", "PATH"));
    for (WastedPath path : paths) {
      rows.add(
          List.of(
              Sizes.text(path.bytes()),
              Integer.toString(path.occurrences()),
              Name.printable(path.path())));
    }
    System.out.print(TextTable.format(rows));
  }

  private static Map<String, Object> json(
      StoredImage image, ImageAnalysis analysis, Map<Integer, String> commands) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", image.id().toString());
    json.put("efficiency", analysis.efficiency());
    json.put("wastedBytes", analysis.wasted());
    json.put("hiddenBytes", analysis.hidden());
    json.put("bytes", analysis.bytes());
    json.put(
        "layers",
        analysis.layers().stream()
            .map(layer -> json(layer, commands.getOrDefault(layer.number(), "")))
            .toList());
    json.put("worst", analysis.worst().stream().map(LayersCommand::json).toList());
    return json;
  }

  private static Map<String, Object> json(LayerSummary layer, String command) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("number", layer.number());
    json.put("diffId", layer.layer().diffId().toString());
    json.put("archiveBytes", layer.layer().bytes());
    json.put("bytes", layer.bytes());
    json.put("files", layer.files());
    json.put("directories", layer.directories());
    json.put("added", layer.added());
    json.put("changed", layer.changed());
    json.put("deleted", layer.deleted());
    json.put("hiddenBytes", layer.hidden());
    json.put("createdBy", command);
    return json;
  }

  private static Map<String, Object> json(WastedPath path) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("path", Name.printable(path.path()));
    json.put("layers", path.occurrences());
    json.put("bytes", path.bytes());
    return json;
  }
}
