package dev.lamina.snapshot;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a client wants listed: all selectors of any of several conjunctions, in containerd's syntax,
 * {@code FIELD[OPERATOR VALUE][,...]}. Fields are {@code name}, {@code parent}, {@code kind} and
 * {@code labels.NAME}.
 *
 * @param alternatives none for all snapshots
 */
record Filter(ImmutableList<ImmutableList<Selector>> alternatives) {
  /** How a field is compared. */
  enum Operator {
    /** The field is there: labels may not be. */
    PRESENT(""),
    EQUAL("=="),
    NOT_EQUAL("!="),

    /** By a regular expression, anywhere in the value. */
    MATCHES("~=");

    private final String text;

    Operator(String text) {
      this.text = text;
    }

    /** The operator that is written so; null for none. */
    static Operator of(String text) {
      for (Operator operator : values()) {
        if (operator != PRESENT && operator.text.equals(text)) {
          return operator;
        }
      }
      return null;
    }
  }

  /** A field of a snapshot. */
  enum Field {
    NAME,
    PARENT,
    KIND,
    LABEL
  }

  /**
   * One condition.
   *
   * @param label the label's name; empty for other fields
   * @param value empty for {@link Operator#PRESENT}
   * @param pattern for {@link Operator#MATCHES}, else null
   */
  record Selector(Field field, String label, Operator operator, String value, Pattern pattern) {
    boolean matches(SnapshotInfo info) {
      String found =
          switch (field) {
            case NAME -> info.name();
            case PARENT -> info.parent();
            case KIND -> info.kind().text();
            case LABEL -> info.labels().get(label);
          };
      return switch (operator) {
        case PRESENT -> found != null;
        case EQUAL -> found != null && found.equals(value);
        case NOT_EQUAL -> found == null || !found.equals(value);
        case MATCHES -> pattern.matcher(found == null ? "" : found).find();
      };
    }
  }

  /**
   * What several filters select together.
   *
   * @throws SnapshotException for what is not understood
   */
  static Filter anyOf(List<String> filters) throws SnapshotException {
    ImmutableList.Builder<ImmutableList<Selector>> alternatives = ImmutableList.builder();
    for (String filter : filters) {
      alternatives.add(filter.isEmpty() ? ImmutableList.of() : new FilterParser(filter).parse());
    }
    return new Filter(alternatives.build());
  }

  boolean matches(SnapshotInfo info) {
    return alternatives.isEmpty()
        || alternatives.stream()
            .anyMatch(selectors -> selectors.stream().allMatch(s -> s.matches(info)));
  }
}
