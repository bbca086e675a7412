package dev.lamina.image;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which image of a layout a user means: by tag, name or digest, then by platform. */
record OciSelection(String layout, Optional<String> reference, Platform platform) {
  /** Size of an image that was asked for by digest alone: nothing states it. */
  static final long UNKNOWN_SIZE = Long.MAX_VALUE;

  /** Chooses from {@code index.json}. */
  Descriptor top(Index index) throws ImageException {
    if (reference.isPresent() && reference.get().startsWith("@")) {
      Digest digest = Digest.parse(reference.get().substring(1));
      return index.manifests().stream()
          .filter(d -> digest.equals(d.digest()))
          .findFirst()
          .orElse(new Descriptor("", digest, UNKNOWN_SIZE, Map.of(), null, null));
    }
    List<Descriptor> named =
        index.manifests().stream()
            .filter(d -> reference.isEmpty() || isNamed(d, reference.get()))
            .toList();
    if (named.isEmpty()) {
      throw notFound(
          index, reference.map(r -> "has no image " + Json.printable(r)).orElse("holds no image"));
    }
    if (reference.isEmpty() && named.stream().map(OciSelection::refName).distinct().count() > 1) {
      throw notFound(index, "holds " + named.size() + " images; say which");
    }
    return forPlatform(named);
  }

  /** The first manifest for the wanted platform, or the only one where no platform is stated. */
  Descriptor forPlatform(List<Descriptor> manifests) throws ImageException {
    if (manifests.size() == 1 && manifests.get(0).platform() == null) {
      return manifests.get(0);
    }
    return manifests.stream()
        .filter(d -> d.platform() != null && platform.accepts(d.platform()))
        .findFirst()
        .or(() -> manifests.stream().filter(d -> d.platform() == null).findFirst())
        .orElseThrow(
            () ->
                new ImageException(
                    ImageException.Kind.NOT_FOUND,
                    layout
                        + " has no image for "
                        + platform
                        + "; it has: "
                        + platforms(manifests)));
  }

  private static String platforms(List<Descriptor> manifests) {
    return manifests.stream()
        .map(Descriptor::platform)
        .filter(Objects::nonNull)
        .filter(p -> !"unknown".equals(p.os()))
        .map(p -> Json.printable(p.toString()))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static boolean isNamed(Descriptor descriptor, String wanted) {
    return wanted.equals(refName(descriptor))
        || wanted.equals(descriptor.annotations().get(Index.IMAGE_NAME));
  }

  private static String refName(Descriptor descriptor) {
    return descriptor.annotations().getOrDefault(Index.REF_NAME, "");
  }

  private ImageException notFound(Index index, String problem) {
    String tags =
        index.manifests().stream()
            .map(OciSelection::refName)
            .filter(t -> !t.isEmpty())
            .map(Json::printable)
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    return new ImageException(
        ImageException.Kind.NOT_FOUND,
        layout + " " + problem + (tags.isEmpty() ? " (none has a tag)" : "; it has: " + tags));
  }
}
