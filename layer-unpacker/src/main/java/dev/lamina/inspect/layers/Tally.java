package dev.lamina.inspect.layers;

/**
 * How many objects, and how many bytes of file content they have.
 *
 * @param objects files, directories and all else
 */
public record Tally(long objects, long bytes) {
  static final Tally NOTHING = new Tally(0, 0);

  Tally plus(long moreObjects, long moreBytes) {
    return new Tally(objects + moreObjects, bytes + moreBytes);
  }
}
