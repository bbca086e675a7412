package dev.lamina.cli;

import dev.lamina.inspect.HistoryRow;
import dev.lamina.inspect.Sizes;
import dev.lamina.store.StoredImage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina history}: how an image came about, as docker and podman show it. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = "Show the steps in which an image was made, the latest first.")
final class HistoryCommand implements Callable<Integer> {
  private static final int SHORT_ID = 12;
  private static final int SHORT_COMMAND = 45;
  private static final String MISSING = "<missing>";

  @ParentCommand private Lamina lamina;

  @Mixin private PlatformOption platform;

  @Option(
      names = {"-q", "--quiet"},
      description = "only the ids")
  private boolean quiet;

  @Option(names = "--no-trunc", description = "whole ids and commands")
  private boolean whole;

  @Option(
      names = {"-H", "--human"},
      paramLabel = "true|false",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "sizes and times for people (the default), or bytes and dates")
  private boolean human = true;

  @Mixin private OutputFormat format = new OutputFormat();

  @Parameters(paramLabel = "IMAGE", description = PlatformOption.IMAGE)
  private String text;

  @Override
  public Integer call() throws Exception {
    format.require();
    try (ImageVisit visit = platform.visit(lamina)) {
      StoredImage image = visit.image(text);
      List<HistoryRow> rows = HistoryRow.of(image);
      if (quiet) {
        for (int i = 0; i < Math.max(1, rows.size()); i++) {
          System.out.println(id(image, i));
        }
      } else if (format.isJson()) {
        JsonOutput.print(json(image, rows));
      } else {
        System.out.print(table(image, rows, Instant.now()));
      }
    }
    return ExitStatus.OK;
  }

  /** Only the latest step has an image; those below were never kept as one. */
  private String id(StoredImage image, int row) {
    if (row > 0) {
      return MISSING;
    }
    return whole ? image.id().toString() : image.id().hex().substring(0, SHORT_ID);
  }

  private String table(StoredImage image, List<HistoryRow> rows, Instant now) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(List.of("IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT"));
    for (int i = 0; i < rows.size(); i++) {
      HistoryRow row = rows.get(i);
      String created = human ? ImagesCommand.age(row.created(), now) : text(row.created());
      cells.add(
          List.of(
              id(image, i),
              created,
              shortened(oneLine(row.createdBy())),
              human ? Sizes.text(row.bytes()) : Long.toString(row.bytes()),
              oneLine(row.comment())));
    }
    return TextTable.format(cells);
  }

  private static String text(String time) {
    return time == null ? "N/A" : oneLine(time);
  }

  private String shortened(String command) {
    return whole || command.length() <= SHORT_COMMAND
        ? command
        : command.substring(0, SHORT_COMMAND - 1) + "\u2026";
  }

  /** Text of an image, which may hold anything, without what would break the line. */
  static String oneLine(String text) {
    StringBuilder line = new StringBuilder();
    text.codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c)
        .forEach(line::appendCodePoint);
    return line.toString();
  }

  private static List<Map<String, Object>> json(StoredImage image, List<HistoryRow> rows) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      HistoryRow row = rows.get(i);
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("id", i == 0 ? image.id().toString() : MISSING);
      json.put("created", row.created());
      json.put("createdBy", row.createdBy());
      json.put("size", row.bytes());
      json.put("comment", row.comment());
      json.put("layer", row.layer().map(layer -> layer.diffId().toString()).orElse(null));
      list.add(json);
    }
    return list;
  }
}
