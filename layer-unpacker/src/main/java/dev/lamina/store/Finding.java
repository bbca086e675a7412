package dev.lamina.store;

import dev.lamina.image.Digest;

/**
 * Something that is wrong in a store.
 *
 * @param problem in words, for a line after what it is
 * @param outcome what was done about it, or is to be done by the user
 */
public record Finding(
    Garbage.Kind kind, Digest digest, String problem, boolean repaired, String outcome) {
  static Finding open(Garbage.Kind kind, Digest digest, String problem, String remedy) {
    return new Finding(kind, digest, problem, false, remedy);
  }

  static Finding repaired(Garbage.Kind kind, Digest digest, String problem, String how) {
    return new Finding(kind, digest, problem, true, how);
  }
}
