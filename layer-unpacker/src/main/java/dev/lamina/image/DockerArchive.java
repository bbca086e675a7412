package dev.lamina.image;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Images as {@code docker save} writes them: {@code manifest.json} names files of the archive. */
final class DockerArchive {
  static final String MANIFEST = "manifest.json";

  private DockerArchive() {}

  /** One image of {@code manifest.json}. */
  record Item(
      @JsonProperty("Config") String config,
      @JsonProperty("RepoTags") List<String> repoTags,
      @JsonProperty("Layers") List<String> layers) {
    Item {
      repoTags = repoTags == null ? List.of() : List.copyOf(repoTags);
      layers = layers == null ? List.of() : List.copyOf(layers);
    }
  }

  /** Chooses the image that {@code reference} names; the only one where it is empty. */
  static ImageSource open(ImageFiles files, Optional<String> reference) throws IOException {
    String what = files.name() + ": " + MANIFEST;
    Item[] items = Json.read(files.read(MANIFEST), Item[].class, what);
    Item item = select(files.name(), Arrays.asList(items), reference);
    if (item.config == null) {
      throw new ImageException(ImageException.Kind.MALFORMED, what + " names no configuration");
    }
    byte[] configBytes = files.read(item.config);
    ImageConfig config =
        ImageConfig.parse(configBytes, files.name() + ": " + Json.printable(item.config));
    List<Digest> diffIds = config.diffIds();
    if (diffIds.size() != item.layers.size()) {
      throw new ImageException(
          ImageException.Kind.MISMATCH,
          String.format(
              "%s names %d layers, the configuration %d",
              what, item.layers.size(), diffIds.size()));
    }
    List<LayerBlob> layers = new ArrayList<>();
    for (int i = 0; i < diffIds.size(); i++) {
      String path = item.layers.get(i);
      long size = files.size(path);
      if (size < 0) {
        throw new ImageException(
            ImageException.Kind.NOT_FOUND,
            files.name() + ": layer " + Json.printable(path) + " is missing");
      }
      layers.add(new LayerBlob(path, MediaTypes.OCI_LAYER, Optional.empty(), size, diffIds.get(i)));
    }
    List<ImageName> names =
        item.repoTags.stream().map(ImageName::tryParse).flatMap(Optional::stream).toList();
    String name = "docker-archive:" + files.name() + reference.map(r -> ":" + r).orElse("");
    return new FileImageSource(
        name, files, names, Optional.empty(), configBytes, config, List.copyOf(layers), List.of());
  }

  private static Item select(String archive, List<Item> items, Optional<String> reference)
      throws ImageException {
    List<Item> matching =
        items.stream()
            .filter(i -> i != null && (reference.isEmpty() || names(i, reference.get())))
            .toList();
    if (matching.size() == 1) {
      return matching.get(0);
    }
    String known =
        items.stream()
            .filter(i -> i != null)
            .flatMap(i -> i.repoTags.stream())
            .map(Json::printable)
            .sorted()
            .collect(Collectors.joining(", "));
    throw new ImageException(
        ImageException.Kind.NOT_FOUND,
        archive
            + reference
                .map(r -> " has no image " + Json.printable(r))
                .orElse(" holds " + items.size() + " images; say which")
            + (known.isEmpty() ? " (none has a name)" : "; it has: " + known));
  }

  private static boolean names(Item item, String reference) {
    return item.repoTags.contains(reference)
        || ImageName.tryParse(reference)
            .map(name -> item.repoTags.contains(name.toString()))
            .orElse(false);
  }
}
