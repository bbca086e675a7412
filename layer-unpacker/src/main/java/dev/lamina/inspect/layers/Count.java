package dev.lamina.inspect.layers;

/** A {@link Tally} in the making. */
final class Count {
  private long objects;
  private long bytes;

  void add(long size) {
    objects++;
    bytes += size;
  }

  void takeBack(long size) {
    objects--;
    bytes -= size;
  }

  long bytes() {
    return bytes;
  }

  Tally tally() {
    return new Tally(objects, bytes);
  }
}
