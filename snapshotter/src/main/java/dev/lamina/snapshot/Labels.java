package dev.lamina.snapshot;

import com.google.common.collect.ImmutableMap;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Rules of labels, which are containerd's: an empty value is no label. */
final class Labels {
  /** Bytes of a key and its value together. */
  static final int MOST_BYTES = 4096;

  private static final String FIELD = "labels";
  private static final String ONE = FIELD + ".";

  private Labels() {}

  /**
   * Labels as they are recorded.
   *
   * @throws SnapshotException for one that is too long
   */
  static ImmutableMap<String, String> checked(Map<String, String> labels) throws SnapshotException {
    TreeMap<String, String> kept = new TreeMap<>();
    for (Map.Entry<String, String> label : labels.entrySet()) {
      int bytes = length(label.getKey()) + length(label.getValue());
      if (bytes > MOST_BYTES) {
        throw SnapshotException.invalid(
            "label " + abridged(label.getKey()) + " has " + bytes + " bytes, more than 4096");
      }
      if (!label.getValue().isEmpty()) {
        kept.put(label.getKey(), label.getValue());
      }
    }
    return ImmutableMap.copyOf(kept);
  }

  private static int length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static String abridged(String key) {
    return key.length() > 64 ? key.substring(0, 64) + "..." : key;
  }

  /**
   * What labels are after an update.
   *
   * @param given what the request has
   * @param paths what is to change: {@code labels}, or {@code labels.NAME}, which goes where {@code
   *     given} lacks it; none for all
   */
  static ImmutableMap<String, String> updated(
      Map<String, String> old, Map<String, String> given, List<String> paths)
      throws SnapshotException {
    if (paths.isEmpty()) {
      return checked(given);
    }
    Map<String, String> labels = new TreeMap<>(old);
    for (String path : paths) {
      if (path.startsWith(ONE)) {
        String name = path.substring(ONE.length());
        labels.put(name, given.getOrDefault(name, ""));
      } else if (path.equals(FIELD)) {
        labels = new TreeMap<>(given);
      } else {
        throw SnapshotException.invalid("field " + path + " of a snapshot cannot be updated");
      }
    }
    return checked(labels);
  }
}
