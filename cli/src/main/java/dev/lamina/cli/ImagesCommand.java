package dev.lamina.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.image.ImageName;
import dev.lamina.inspect.Sizes;
import dev.lamina.store.StoredImage;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/**
 * {@code lamina images}: the store's images, a row for each name as docker and podman list them.
 */
@Command(
    name = "images",
    mixinStandardHelpOptions = true,
    description = "List the images in the store.")
final class ImagesCommand implements Callable<Integer> {
  private static final int SHORT_ID = 12;
  private static final String NONE = "<none>";

  @ParentCommand private Lamina lamina;

  @Option(
      names = {"-q", "--quiet"},
      description = "only the ids")
  private boolean quiet;

  @Option(names = "--no-trunc", description = "whole ids")
  private boolean whole;

  @Option(names = "--format", paramLabel = "table|json", description = "table by default")
  private String format = "table";

  @Override
  public Integer call() throws Exception {
    List<StoredImage> images = lamina.state().store().images();
    if (quiet) {
      images.forEach(image -> System.out.println(id(image)));
    } else if (format.equals("json")) {
      System.out.println(
          new ObjectMapper()
              .writerWithDefaultPrettyPrinter()
              .writeValueAsString(images.stream().map(ImagesCommand::json).toList()));
    } else if (format.equals("table")) {
      printTable(images);
    } else {
      throw new CommandFailure(ExitStatus.USAGE, "--format is table or json, not " + format);
    }
    return ExitStatus.OK;
  }

  private String id(StoredImage image) {
    return whole ? image.id().toString() : image.id().hex().substring(0, SHORT_ID);
  }

  private static Map<String, Object> json(StoredImage image) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", image.id().toString());
    json.put("names", image.names().stream().map(ImageName::toString).toList());
    json.put("created", image.config().created());
    json.put("size", image.bytes());
    json.put("layers", image.layers().stream().map(layer -> layer.diffId().toString()).toList());
    return json;
  }

  private void printTable(List<StoredImage> images) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"));
    for (StoredImage image : images) {
      String created = age(image.config().created(), Instant.now());
      String size = size(image.bytes());
      if (image.names().isEmpty()) {
        rows.add(List.of(NONE, NONE, id(image), created, size));
      }
      for (ImageName name : image.names()) {
        rows.add(List.of(name.repository(), name.tag(), id(image), created, size));
      }
    }
    System.out.print(TextTable.format(rows));
  }

  /** {@code 3 days ago}, in the words of docker; empty for no time. */
  static String age(String created, Instant now) {
    Duration age;
    try {
      age = created == null ? null : Duration.between(Instant.parse(created), now);
    } catch (DateTimeParseException e) {
      return "N/A";
    }
    if (age == null) {
      return "N/A";
    }
    long days = age.toDays();
    if (days >= 730) {
      return days / 365 + " years ago";
    }
    if (days >= 60) {
      return days / 30 + " months ago";
    }
    if (days >= 14) {
      return days / 7 + " weeks ago";
    }
    if (days >= 2) {
      return days + " days ago";
    }
    if (age.toHours() >= 2) {
      return age.toHours() + " hours ago";
    }
    return age.toMinutes() >= 2 ? age.toMinutes() + " minutes ago" : "just now";
  }

  /** Bytes in decimal units with three digits, as docker shows sizes: {@code 713MB}. */
  static String size(long bytes) {
    return Sizes.text(bytes);
  }
}
