package dev.lamina.snapshot;

import com.google.common.collect.ImmutableList;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The mapping of owners that a client asks for by labels, each {@code CONTAINER:HOST:COUNT}: layers
 * keep the container's ids, and the mount shows them as the host's.
 *
 * @param options of the mount; none without labels
 */
record IdMappings(ImmutableList<String> options) {
  static final String UID_LABEL = "containerd.io/snapshot/uidmapping";
  static final String GID_LABEL = "containerd.io/snapshot/gidmapping";

  private static final Pattern MAPPING = Pattern.compile("\\d{1,10}:\\d{1,10}:\\d{1,10}");

  /** What labels say. */
  static IdMappings of(Map<String, String> labels) throws SnapshotException {
    ImmutableList.Builder<String> options = ImmutableList.builder();
    add(options, "uidmapping=", UID_LABEL, labels);
    add(options, "gidmapping=", GID_LABEL, labels);
    return new IdMappings(options.build());
  }

  private static void add(
      ImmutableList.Builder<String> options,
      String option,
      String label,
      Map<String, String> labels)
      throws SnapshotException {
    String value = labels.get(label);
    if (value == null) {
      return;
    }
    // Several are separated by commas, which separate options where these go.
    String[] mappings = value.split(",", -1);
    for (String mapping : mappings) {
      if (!MAPPING.matcher(mapping).matches()) {
        throw SnapshotException.invalid(
            "label " + label + " is not CONTAINER:HOST:COUNT[,...]: " + value);
      }
    }
    options.add(option + String.join(":", mappings));
  }

  boolean isEmpty() {
    return options.isEmpty();
  }
}
