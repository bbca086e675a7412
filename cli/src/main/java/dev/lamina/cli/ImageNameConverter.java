package dev.lamina.cli;

import dev.lamina.image.ImageName;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A name for an image: what is none is an error of the command line. */
final class ImageNameConverter implements ITypeConverter<ImageName> {
  @Override
  public ImageName convert(String text) {
    return ImageName.tryParse(text)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "\"" + text + "\" is not an image name ([domain/]repository[:tag])"));
  }
}
