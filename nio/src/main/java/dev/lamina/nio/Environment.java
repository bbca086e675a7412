package dev.lamina.nio;

import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.store.StoredImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@link java.nio.file.FileSystems#newFileSystem(java.net.URI, Map)} is told of a file system,
 * by key:
 *
 * <ul>
 *   <li>{@code options}: an {@link OverlayOptions}; {@code overlay}: an {@link Overlay}, which
 *       stays the caller's; {@code image}: a {@link StoredImage}; {@code archive}: an image in an
 *       archive or layout, as text ({@link LaminaFileSystemBuilder#archive})
 *   <li>or {@code lower}: directories, topmost first, as a list of paths or joined by colons, and
 *       for a writable one {@code upper} and {@code work}
 *   <li>{@code umask}: an integer, or octal digits
 * </ul>
 */
final class Environment {
  private static final Set<String> SOURCES =
      Set.of("options", "overlay", "image", "archive", "lower", "upper");

  private static final Set<String> KEYS =
      Set.of("options", "overlay", "image", "archive", "lower", "upper", "work", "umask");

  private final Map<String, ?> values;

  Environment(Map<String, ?> values) {
    this.values = values;
    for (String key : values.keySet()) {
      if (!KEYS.contains(key)) {
        throw new IllegalArgumentException("unknown key " + key + "; known are " + KEYS);
      }
    }
  }

  /** Tells {@code builder}; IllegalArgumentException for what does not fit together. */
  void describe(LaminaFileSystemBuilder builder) {
    try {
      describeSource(builder);
      Object umask = values.get("umask");
      if (umask != null) {
        builder.umask(umask instanceof Integer bits ? bits : Integer.parseInt(text(umask), 8));
      }
    } catch (ClassCastException | IllegalStateException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private void describeSource(LaminaFileSystemBuilder builder) {
    if (Collections.disjoint(values.keySet(), SOURCES)) {
      throw new IllegalArgumentException("nothing to show: one is needed of " + SOURCES);
    }
    if (values.containsKey("options")) {
      builder.layers((OverlayOptions) values.get("options"));
    }
    if (values.containsKey("overlay")) {
      builder.overlay((Overlay) values.get("overlay"));
    }
    if (values.containsKey("image")) {
      builder.image((StoredImage) values.get("image"));
    }
    if (values.containsKey("archive")) {
      builder.archive(text(values.get("archive")));
    }
    if (values.containsKey("lower") || values.containsKey("upper")) {
      builder.layers(layers());
    }
  }

  private OverlayOptions layers() {
    OverlayOptions.Builder options = OverlayOptions.builder();
    for (Path lower : lowers(values.get("lower"))) {
      options.addLower(lower);
    }
    Object upper = values.get("upper");
    Object work = values.get("work");
    if ((upper == null) != (work == null)) {
      throw new IllegalArgumentException("upper and work go together");
    }
    if (upper != null) {
      options.writable(path(upper), path(work));
    }
    return options.build();
  }

  private static List<Path> lowers(Object value) {
    List<Path> lowers = new ArrayList<>();
    if (value instanceof Iterable<?> several && !(value instanceof Path)) {
      several.forEach(lower -> lowers.add(path(lower)));
    } else if (value instanceof String text) {
      for (String lower : text.split(":", -1)) {
        lowers.add(path(lower));
      }
    } else if (value != null) {
      lowers.add(path(value));
    }
    return lowers;
  }

  private static Path path(Object value) {
    return value instanceof Path path ? path : Path.of(text(value));
  }

  private static String text(Object value) {
    return (String) value;
  }
}
