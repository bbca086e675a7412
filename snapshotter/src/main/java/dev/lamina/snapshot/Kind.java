package dev.lamina.snapshot;

/** What can be done with a snapshot. */
public enum Kind {
  /** Shows its parent, read-only. */
  VIEW("view"),

  /** Can be written to, and be committed. */
  ACTIVE("active"),

  /** Can be a parent, and does not change. */
  COMMITTED("committed");

  private final String text;

  Kind(String text) {
    this.text = text;
  }

  /** As filters have it. */
  public String text() {
    return text;
  }

  static Kind of(String text) {
    for (Kind kind : values()) {
      if (kind.text.equals(text)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no kind of snapshot: " + text);
  }
}
