package dev.lamina.inspect;

import java.util.Locale;

/** Bytes for people, as docker shows sizes. */
public final class Sizes {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};

  private Sizes() {}

  /** Bytes in decimal units with three digits: {@code 713MB}. */
  public static String text(long bytes) {
    double value = bytes;
    int unit = 0;
    // The bounds are where rounding would give a fourth digit.
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= 1000;
      unit++;
    }
    String digits = unit == 0 || value >= 99.95 ? "%.0f" : value >= 9.995 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, digits, value) + UNITS[unit];
  }
}
