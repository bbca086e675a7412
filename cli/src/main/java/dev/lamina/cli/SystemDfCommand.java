package dev.lamina.cli;

import dev.lamina.store.StoreUsage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code lamina system df}: what the state directory holds, and how much of it could go. */
@Command(
    name = "df",
    mixinStandardHelpOptions = true,
    description = {
      "Show how much the images, containers, layers and blobs take; what is shared counts once.",
      "Images are made of layers: the sizes of the two are of the same bytes."
    })
final class SystemDfCommand implements Callable<Integer> {
  @ParentCommand private SystemCommand parent;

  @Mixin private OutputFormat format = new OutputFormat();

  @Override
  public Integer call() throws Exception {
    format.require();
    State state = parent.state();
    StoreUsage usage = state.store().usage(state.containers());
    Map<String, StoreUsage.Row> rows = new LinkedHashMap<>();
    rows.put("Images", usage.images());
    rows.put("Containers", ContainerUsage.of(state.containers()));
    rows.put("Layers", usage.layers());
    rows.put("Blobs", usage.blobs());
    if (format.isJson()) {
      List<Map<String, Object>> json = new ArrayList<>();
      rows.forEach((type, row) -> json.add(json(type, row)));
      JsonOutput.print(json);
    } else {
      List<List<String>> table = new ArrayList<>();
      table.add(List.of("TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"));
      rows.forEach((type, row) -> table.add(cells(type, row)));
      System.out.print(TextTable.format(table));
    }
    return ExitStatus.OK;
  }

  private static List<String> cells(String type, StoreUsage.Row row) {
    long percent = row.bytes() == 0 ? 0 : Math.round(100.0 * row.reclaimable() / row.bytes());
    return List.of(
        type,
        Integer.toString(row.count()),
        Integer.toString(row.active()),
        ImagesCommand.size(row.bytes()),
        ImagesCommand.size(row.reclaimable()) + " (" + percent + "%)");
  }

  private static Map<String, Object> json(String type, StoreUsage.Row row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("type", type);
    json.put("total", row.count());
    json.put("active", row.active());
    json.put("size", row.bytes());
    json.put("reclaimable", row.reclaimable());
    return json;
  }
}
