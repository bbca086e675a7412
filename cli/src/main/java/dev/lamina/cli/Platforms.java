package dev.lamina.cli;

import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import java.io.IOException;

/** Whether an image is for the system that it is wanted for. */
final class Platforms {
  private Platforms() {}

  /**
   * {@code source}, if it is for the platform that the user asked for.
   *
   * @param asked null where he asked for none
   */
  static ImageSource checked(ImageSource source, Platform asked) throws IOException {
    try {
      check(source, asked == null ? Platform.host() : asked, asked != null);
      return source;
    } catch (ImageException e) {
      source.close();
      throw e;
    }
  }

  /**
   * An index was searched for the platform; an image that stood alone was not. Another one than was
   * asked for is refused; where nobody asked, a line on standard error says so.
   */
  private static void check(ImageSource source, Platform wanted, boolean asked)
      throws ImageException {
    ImageConfig config = source.config();
    if (config.os() == null || config.architecture() == null) {
      return;
    }
    Platform offered = new Platform(config.os(), config.architecture(), config.variant());
    if (wanted.accepts(offered)) {
      return;
    }
    String mismatch = source.name() + " is for " + offered.printable() + ", not for " + wanted;
    if (asked) {
      throw new ImageException(ImageException.Kind.NOT_FOUND, mismatch);
    }
    System.err.println("lamina: warning: " + mismatch);
  }
}
