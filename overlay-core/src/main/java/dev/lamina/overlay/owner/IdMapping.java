package dev.lamina.overlay.owner;

import java.util.ArrayList;
import java.util.List;

/**
 * User or group ids as the layers have them, against those that the merged tree shows: ranges, as
 * in user_namespaces(7). Ids are unsigned 32-bit numbers in an {@code int}. Immutable.
 */
public final class IdMapping {
  /** Every id stands for itself. */
  public static final IdMapping IDENTITY = new IdMapping(List.of());

  /** What an id without a counterpart is shown as: the default of fs.overflowuid, proc(5). */
  public static final int OVERFLOW = 65534;

  /** What no user or group has; says that there is no counterpart. */
  static final int NONE = -1;

  private record Range(int stored, int shown, int count) {
    boolean holdsStored(int id) {
      return Integer.compareUnsigned(id - stored, count) < 0;
    }

    boolean holdsShown(int id) {
      return Integer.compareUnsigned(id - shown, count) < 0;
    }

    boolean overlaps(Range other) {
      return holdsStored(other.stored)
          || other.holdsStored(stored)
          || holdsShown(other.shown)
          || other.holdsShown(shown);
    }
  }

  private final Range[] ranges;

  private IdMapping(List<Range> ranges) {
    this.ranges = ranges.toArray(Range[]::new);
  }

  /**
   * Reads fuse-overlayfs's {@code uidmapping=}: any number of {@code STORED:SHOWN:COUNT}, with
   * colons (or commas) between them.
   *
   * @throws IllegalArgumentException saying what is wrong with it: no such numbers, or ranges that
   *     overlap
   */
  public static IdMapping parse(String text) {
    String[] fields = text.split("[:,]", -1);
    if (fields.length % 3 != 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not STORED:SHOWN:COUNT, once or several times");
    }
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < fields.length; i += 3) {
      Range range =
          range(text, number(text, fields[i]), number(text, fields[i + 1]), fields[i + 2]);
      if (ranges.stream().anyMatch(range::overlaps)) {
        throw new IllegalArgumentException("ranges of \"" + text + "\" overlap");
      }
      ranges.add(range);
    }
    return new IdMapping(ranges);
  }

  private static Range range(String text, long stored, long shown, String countField) {
    long count = number(text, countField);
    // The last of 2^32 numbers is nobody's.
    if (count == 0 || stored + count > 0xffffffffL || shown + count > 0xffffffffL) {
      throw new IllegalArgumentException("a range of \"" + text + "\" is empty or leaves 32 bits");
    }
    return new Range((int) stored, (int) shown, (int) count);
  }

  private static long number(String text, String field) {
    if (!field.matches("[0-9]{1,10}") || Long.parseLong(field) > 0xffffffffL) {
      throw new IllegalArgumentException("\"" + field + "\" in \"" + text + "\" is no id");
    }
    return Long.parseLong(field);
  }

  boolean isIdentity() {
    return ranges.length == 0;
  }

  /** What {@code stored} is shown as, {@link #OVERFLOW} where it has no counterpart. */
  public int shown(int stored) {
    if (isIdentity()) {
      return stored;
    }
    for (Range range : ranges) {
      if (range.holdsStored(stored)) {
        return range.shown + (stored - range.stored);
      }
    }
    return OVERFLOW;
  }

  /** What {@code shown} is stored as, -1 where it has no counterpart. */
  public int stored(int shown) {
    if (isIdentity()) {
      return shown;
    }
    for (Range range : ranges) {
      if (range.holdsShown(shown)) {
        return range.stored + (shown - range.shown);
      }
    }
    return NONE;
  }
}
