package dev.lamina.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * The system an image is made for, in the words of the OCI image index (which are Go's).
 *
 * @param os such as {@code linux}
 * @param architecture such as {@code amd64}
 * @param variant such as {@code v8}, or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Platform(String os, String architecture, String variant) {
  /** The platform of this host. */
  public static Platform host() {
    String arch = System.getProperty("os.arch");
    return switch (arch) {
      case "amd64", "x86_64" -> new Platform("linux", "amd64", null);
      case "aarch64" -> new Platform("linux", "arm64", "v8");
      default -> new Platform("linux", arch, null);
    };
  }

  /** Reads {@code os/architecture[/variant]}. */
  public static Platform parse(String text) throws ImageException {
    List<String> parts = List.of(text.split("/", -1));
    if (parts.size() < 2 || parts.size() > 3 || parts.contains("")) {
      throw new ImageException(
          ImageException.Kind.MALFORMED,
          "\"" + Json.printable(text) + "\" is not a platform (os/architecture[/variant])");
    }
    return new Platform(parts.get(0), parts.get(1), parts.size() == 3 ? parts.get(2) : null);
  }

  /** Whether an image for {@code offered} runs here; a variant counts where both name one. */
  public boolean accepts(Platform offered) {
    return os.equals(offered.os)
        && architecture.equals(offered.architecture)
        && (variant == null || offered.variant == null || variant.equals(offered.variant));
  }

  /** As {@link #toString}, safe for a message whatever an image says. */
  public String printable() {
    return Json.printable(toString());
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant == null ? "" : "/" + variant);
  }
}
