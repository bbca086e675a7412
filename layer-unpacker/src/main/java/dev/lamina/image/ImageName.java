package dev.lamina.image;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A name to keep an image under: {@code [host[:port]/]repository:tag}, the grammar of the OCI
 * distribution specification and of Docker's references.
 *
 * @param repository with its host, if it has one
 * @param tag what follows the colon
 */
public record ImageName(String repository, String tag) implements Comparable<ImageName> {
  static final String LATEST = "latest";

  private static final String LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
  private static final Pattern HOST =
      Pattern.compile("(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[0-9a-fA-F:]+])(?::[0-9]{1,5})?");
  private static final Pattern COMPONENT =
      Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*");
  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");
  private static final int REPOSITORY_LIMIT = 255;

  public ImageName {
    if (!isRepository(repository) || !isTag(tag)) {
      throw new IllegalArgumentException(repository + ":" + tag);
    }
  }

  /** Reads a name; the tag is {@code latest} where there is none. */
  public static ImageName parse(String text) throws ImageException {
    return tryParse(text)
        .orElseThrow(
            () ->
                new ImageException(
                    ImageException.Kind.MALFORMED,
                    "\"" + Json.printable(text) + "\" is not an image name (repository[:tag])"));
  }

  /** As {@link #parse}, but empty for what is no name. */
  public static Optional<ImageName> tryParse(String text) {
    return ImageReference.tryParse(text)
        .filter(reference -> reference.digest().isEmpty())
        .map(ImageReference::name);
  }

  /** A name for an image from a file: the file's own name made fit, and the tag if it is one. */
  static Optional<ImageName> ofFile(String fileName, String tag) {
    String repository =
        fileName
            .replaceFirst("\\.tar$", "")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^-+|-+$", "");
    return tryParse(repository + ":" + tag);
  }

  static boolean isTag(String text) {
    return TAG.matcher(text).matches();
  }

  static boolean isRepository(String text) {
    if (text.isEmpty() || text.length() > REPOSITORY_LIMIT) {
      return false;
    }
    String[] components = text.split("/", -1);
    for (int i = 0; i < components.length; i++) {
      boolean host = i == 0 && components.length > 1 && HOST.matcher(components[0]).matches();
      if (!host && !COMPONENT.matcher(components[i]).matches()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int compareTo(ImageName other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return repository + ":" + tag;
  }
}
