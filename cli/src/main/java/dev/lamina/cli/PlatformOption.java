package dev.lamina.cli;

import dev.lamina.image.Platform;
import java.io.IOException;
import picocli.CommandLine.Option;

/** {@code --platform}. */
final class PlatformOption {
  static final String IMAGE = "a name or id of the store, or whatever lamina unpack takes";

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      converter = PlatformConverter.class,
      description = "which image of a multi-platform index (default: this host's)")
  private Platform platform;

  /** What the user named; null where that is nothing. */
  Platform named() {
    return platform;
  }

  /** Opens the way to images; the caller closes it. */
  ImageVisit visit(Lamina lamina) throws IOException {
    return new ImageVisit(lamina.state(), platform);
  }
}
