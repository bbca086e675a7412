package dev.lamina.cli;

import dev.lamina.store.Garbage;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code lamina gc}: takes out of the store what nothing refers to. */
@Command(
    name = "gc",
    mixinStandardHelpOptions = true,
    description = {
      "Delete layers and blobs that no image has, and what interrupted commands left.",
      "Safe while other commands run: what they use stays."
    })
final class GcCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Option(
      names = "--untagged",
      description = "also images without a name that no container and no mount uses")
  private boolean untagged;

  @Option(
      names = {"-n", "--dry-run"},
      description = "only list what would go")
  private boolean dryRun;

  @Mixin private OutputFormat format = new OutputFormat();

  @Override
  public Integer call() throws Exception {
    format.require();
    State state = lamina.state();
    Garbage garbage = state.store().collectGarbage(untagged, dryRun, state.containers());
    if (format.isJson()) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("dryRun", dryRun);
      json.put("reclaimed", garbage.bytes());
      json.put("items", garbage.items().stream().map(GcCommand::json).toList());
      JsonOutput.print(json);
      return ExitStatus.OK;
    }
    for (Garbage.Item item : garbage.items()) {
      System.out.println(
          (dryRun ? "Would delete: " : "Deleted: ") + word(item.kind()) + " " + item.digest());
    }
    System.out.println(
        (dryRun ? "Reclaimable: " : "Reclaimed: ") + ImagesCommand.size(garbage.bytes()));
    return ExitStatus.OK;
  }

  static String word(Garbage.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, Object> json(Garbage.Item item) {
    return Map.of(
        "kind", word(item.kind()), "digest", item.digest().toString(), "size", item.bytes());
  }
}
