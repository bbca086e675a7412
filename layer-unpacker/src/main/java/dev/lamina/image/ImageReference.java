package dev.lamina.image;

import java.util.Optional;

/**
 * What a user writes for an image of a store or registry: {@code
 * [domain[:port]/]path[:tag][@digest]}, the grammar of Docker's references. A digest says exactly
 * which bytes are meant; a tag beside it is then only a remark.
 *
 * @param repository with its domain, if it has one
 * @param tag absent where none was written
 * @param digest of a manifest or an index
 */
public record ImageReference(String repository, Optional<String> tag, Optional<Digest> digest) {
  public ImageReference {
    if (!ImageName.isRepository(repository) || !tag.map(ImageName::isTag).orElse(true)) {
      throw new IllegalArgumentException(repository + tag.map(t -> ":" + t).orElse(""));
    }
  }

  /** Reads a reference; MALFORMED where it is none. */
  public static ImageReference parse(String text) throws ImageException {
    return tryParse(text)
        .orElseThrow(
            () ->
                new ImageException(
                    ImageException.Kind.MALFORMED,
                    "\""
                        + Json.printable(text)
                        + "\" is no image reference ([domain/]path[:tag][@digest])"));
  }

  /** As {@link #parse}, but empty for what is no reference. */
  public static Optional<ImageReference> tryParse(String text) {
    int at = text.indexOf('@');
    Optional<Digest> digest = Optional.empty();
    if (at >= 0) {
      digest = Digest.tryParse(text.substring(at + 1));
      if (digest.isEmpty()) {
        return Optional.empty();
      }
    }
    String named = at < 0 ? text : text.substring(0, at);
    int colon = named.lastIndexOf(':');
    boolean tagged = colon > named.lastIndexOf('/');
    String repository = tagged ? named.substring(0, colon) : named;
    Optional<String> tag = tagged ? Optional.of(named.substring(colon + 1)) : Optional.empty();
    return ImageName.isRepository(repository) && tag.map(ImageName::isTag).orElse(true)
        ? Optional.of(new ImageReference(repository, tag, digest))
        : Optional.empty();
  }

  /** The name to keep such an image under: {@code latest} where no tag was written. */
  public ImageName name() {
    return new ImageName(repository, tag.orElse(ImageName.LATEST));
  }

  @Override
  public String toString() {
    return repository + tag.map(t -> ":" + t).orElse("") + digest.map(d -> "@" + d).orElse("");
  }
}
