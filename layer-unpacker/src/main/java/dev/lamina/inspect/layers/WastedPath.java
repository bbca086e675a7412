package dev.lamina.inspect.layers;

import dev.lamina.linux.Name;

/**
 * A path that several layers have, or have and delete.
 *
 * @param path absolute, bytes; not to be changed
 * @param occurrences in how many layers it is
 * @param bytes of all of them together
 */
@SuppressWarnings("ArrayRecordComponent")
public record WastedPath(byte[] path, int occurrences, long bytes) {
  @Override
  public String toString() {
    return bytes + " " + occurrences + " " + Name.printable(path);
  }
}
