package dev.lamina.layer;

import dev.lamina.linux.Name;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts extended attributes that could not be kept, to say so once a layer and not per file. */
final class SkippedXattrs {
  private static final Logger LOG = LoggerFactory.getLogger(SkippedXattrs.class);
  private static final int NAMES_LIMIT = 20;

  private final Map<String, Integer> counts = new TreeMap<>();

  void add(byte[] name) {
    String key = Name.printable(name);
    if (counts.size() < NAMES_LIMIT || counts.containsKey(key)) {
      counts.merge(key, 1, Integer::sum);
    }
  }

  void report(String layer) {
    if (!counts.isEmpty()) {
      LOG.warn("{}: extended attributes not kept (files): {}", layer, counts);
    }
  }
}
