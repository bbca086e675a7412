package dev.lamina.cli;

import dev.lamina.image.ImageName;
import dev.lamina.inspect.Sizes;
import dev.lamina.store.ImageStore;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * {@code lamina images}: the store's images, a row for each name as docker and podman list them.
 */
@Command(
    name = "images",
    mixinStandardHelpOptions = true,
    description = "List the images in the store.")
final class ImagesCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Option(
      names = {"-q", "--quiet"},
      description = "only the ids")
  private boolean quiet;

  @Option(names = "--no-trunc", description = "whole ids")
  private boolean whole;

  @Option(names = "--digests", description = "also what a registry or layout knows them by")
  private boolean digests;

  @Mixin private OutputFormat format = new OutputFormat();

  @Parameters(
      arity = "0..1",
      paramLabel = "IMAGE",
      description = "only this one: a name, digest or id, or a repository with all its tags")
  private String wanted;

  @Override
  public Integer call() throws Exception {
    format.require();
    List<StoredImage> images = images(lamina.state().store());
    ImageTable table = new ImageTable(whole, digests, this::isShown);
    if (quiet) {
      images.forEach(image -> System.out.println(table.id(image)));
    } else if (format.isJson()) {
      JsonOutput.print(images.stream().map(ImageTable::json).toList());
    } else {
      System.out.print(table.format(images));
    }
    return ExitStatus.OK;
  }

  /** An unknown one is an empty list, as for docker and podman. */
  private List<StoredImage> images(ImageStore store) throws IOException {
    if (wanted == null) {
      return store.images();
    }
    List<StoredImage> ofRepository =
        store.images().stream()
            .filter(image -> image.names().stream().anyMatch(this::isOfRepository))
            .toList();
    return ofRepository.isEmpty() ? store.find(wanted).stream().toList() : ofRepository;
  }

  private boolean isOfRepository(ImageName name) {
    return name.repository().equals(wanted) || name.repository().endsWith("/" + wanted);
  }

  /** Of an image with several names, those that were asked for. */
  private boolean isShown(StoredImage image, ImageName name) {
    return isOfRepository(name) || image.names().stream().noneMatch(this::isOfRepository);
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
