package dev.lamina.cli;

import dev.lamina.layer.UnpackLimits;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What one layer may be, for commands that unpack images. */
final class LimitOptions {
  @Option(
      names = "--max-bytes",
      paramLabel = "SIZE",
      converter = Size.class,
      description = "uncompressed bytes of a layer, and of a file in it (default: 1T)")
  private long bytes = UnpackLimits.DEFAULT.bytes();

  @Option(
      names = "--max-ratio",
      paramLabel = "N",
      converter = Size.class,
      description = "uncompressed bytes for each compressed one, above 256M (default: 10000)")
  private long ratio = UnpackLimits.DEFAULT.ratio();

  @Option(
      names = "--max-entries",
      paramLabel = "N",
      converter = Size.class,
      description = "files, directories and the rest of a layer (default: 10000000)")
  private long entries = UnpackLimits.DEFAULT.entries();

  @Option(
      names = "--max-header",
      paramLabel = "SIZE",
      converter = Size.class,
      description =
          "bytes of an extended header: a long name, or the attributes of a file (default: 1M)")
  private long header = UnpackLimits.USUAL_HEADER;

  UnpackLimits limits() {
    // An array's length, in any case.
    return new UnpackLimits(entries, bytes, ratio, (int) Math.min(header, 1 << 30));
  }

  /** A positive number, or one with K, M, G or T behind it, which are powers of 1024. */
  static final class Size implements ITypeConverter<Long> {
    private static final String UNITS = "KMGT";

    @Override
    public Long convert(String text) {
      String digits = text.toUpperCase(Locale.ROOT);
      int unit = digits.isEmpty() ? -1 : UNITS.indexOf(digits.charAt(digits.length() - 1));
      if (unit >= 0) {
        digits = digits.substring(0, digits.length() - 1);
      }
      try {
        long size = Math.multiplyExact(Long.parseLong(digits), 1L << (10 * (unit + 1)));
        if (size > 0) {
          return size;
        }
      } catch (NumberFormatException | ArithmeticException e) {
        // Said below.
      }
      throw new TypeConversionException(
          "\"" + text + "\" is no size: a number, with K, M, G or T behind it or nothing");
    }
  }
}
