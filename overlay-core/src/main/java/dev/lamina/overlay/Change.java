package dev.lamina.overlay;

import dev.lamina.linux.Name;
import java.nio.charset.StandardCharsets;

/**
 * One path that the writable layer changed.
 *
 * @param kind what happened to it
 * @param path absolute path in the merged tree; each component as bytes of Linux, kept in Latin-1
 *     characters so that nothing is lost ({@link #toString} decodes it for people)
 */
public record Change(Kind kind, String path) {
  /** The letters of {@code docker diff} and {@code podman diff}. */
  public enum Kind {
    ADDED('A'),
    CHANGED('C'),
    DELETED('D');

    private final char letter;

    Kind(char letter) {
      this.letter = letter;
    }

    /** As {@code lamina diff} and docker write it: {@code A}, {@code C} or {@code D}. */
    public char letter() {
      return letter;
    }
  }

  /** {@code A /path}, control and stray bytes escaped. */
  @Override
  public String toString() {
    byte[] bytes = path.getBytes(StandardCharsets.ISO_8859_1);
    return kind.letter() + " " + Name.printable(bytes);
  }
}
