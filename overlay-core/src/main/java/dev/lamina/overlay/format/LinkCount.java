package dev.lamina.overlay.format;

import java.nio.charset.StandardCharsets;

/**
 * The value of {@code overlay.nlink}: how many names an indexed file has in the merged tree, as a
 * difference to the links of its inode in the upper ({@code U+2}) or to those of the lower inode it
 * was copied from ({@code L-1}). Seen with getfattr(1) on what kernel overlayfs 6.18 leaves.
 *
 * <p>The two forms are for two kinds of change. A name of the upper that comes or goes changes the
 * inode's links and the names alike, so what is relative to the upper stays right through the one
 * system call. A lower name that gets its own link in the upper changes the links only, and what is
 * relative to the lower stays right.
 */
public final class LinkCount {
  private LinkCount() {}

  /** {@code names} of a file whose inode in the upper has {@code upperLinks}. */
  public static byte[] relativeToUpper(int names, int upperLinks) {
    return encode('U', names - upperLinks);
  }

  /** {@code names} of a file whose inode in the lower has {@code lowerLinks}. */
  public static byte[] relativeToLower(int names, int lowerLinks) {
    return encode('L', names - lowerLinks);
  }

  private static byte[] encode(char base, int difference) {
    return (base + (difference < 0 ? "" : "+") + difference).getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * How many names {@code value} says. As kernel overlayfs, the upper's links where it is null,
   * malformed, or says that there is none while {@code upperLinks} tells of some beside the index.
   */
  public static int decode(byte[] value, int upperLinks, int lowerLinks) {
    if (value == null || value.length < 3 || (value[1] != '+' && value[1] != '-')) {
      return upperLinks;
    }
    int base;
    if (value[0] == 'U') {
      base = upperLinks;
    } else if (value[0] == 'L') {
      base = lowerLinks;
    } else {
      return upperLinks;
    }
    int names;
    try {
      String difference = new String(value, 1, value.length - 1, StandardCharsets.US_ASCII);
      names = Math.addExact(base, Integer.parseInt(difference));
    } catch (NumberFormatException | ArithmeticException e) {
      return upperLinks;
    }
    return names < 0 || (names == 0 && upperLinks > 1) ? upperLinks : names;
  }
}
