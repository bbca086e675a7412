package dev.lamina.cli;

import dev.lamina.image.ImageException;
import dev.lamina.image.Platform;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code --platform}: what is no platform is an error of the command line, not of an image. */
final class PlatformConverter implements ITypeConverter<Platform> {
  @Override
  public Platform convert(String text) {
    try {
      return Platform.parse(text);
    } catch (ImageException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
