package dev.lamina.layer;

import dev.lamina.image.LayerContent;
import dev.lamina.layer.tar.TarEntry;
import dev.lamina.layer.tar.TarType;
import dev.lamina.layer.tar.TarWriter;
import dev.lamina.linux.FileMode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * A layer put together from files of the host. Everything belongs to root and has one time, and
 * entries come in one order (parents first, whiteouts before their siblings), so the same content
 * gives the same bytes.
 *
 * <p>Paths are relative to the image's root, without {@code .} or {@code ..}; directories that hold
 * something are made (0755) where nobody added them.
 */
public final class LayerWriter implements LayerContent {
  private final Instant time;
  private final Map<String, Item> items = new TreeMap<>();

  /** An entry, and the file of the host that its data comes from, if any. */
  private record Item(TarEntry entry, Path source) {}

  /** A layer whose entries all have the modification time {@code time}. */
  public LayerWriter(Instant time) {
    this.time = time;
  }

  /** Adds a directory, or changes the mode of one. */
  public LayerWriter directory(String path, int mode) {
    return add(path, entry(TarType.DIRECTORY, path + "/").mode(mode), null);
  }

  /** Adds a regular file with the content and mode that {@code source} has then, links followed. */
  public LayerWriter file(String path, Path source) throws IOException {
    int mode = (int) Files.getAttribute(source, "unix:mode") & FileMode.PERMISSIONS;
    TarEntry entry = entry(TarType.REGULAR, path).mode(mode).size(Files.size(source));
    return add(path, entry, source);
  }

  /** Adds a symbolic link. */
  public LayerWriter symlink(String path, String target) {
    TarEntry entry = entry(TarType.SYMLINK, path).mode(0777);
    return add(path, entry.linkName(target.getBytes(StandardCharsets.UTF_8)), null);
  }

  /** Deletes {@code path} of the layers below. */
  public LayerWriter whiteout(String path) {
    int name = path.lastIndexOf('/') + 1;
    return mark(path.substring(0, name) + ".wh." + path.substring(name));
  }

  /** Deletes everything below the directory {@code path} in the layers below. */
  public LayerWriter opaque(String path) {
    return mark(path + "/.wh..wh..opq");
  }

  private LayerWriter mark(String path) {
    // No mode: a mark is nobody's file.
    return add(path, entry(TarType.REGULAR, path), null);
  }

  private TarEntry entry(TarType type, String name) {
    return new TarEntry(type, name.getBytes(StandardCharsets.UTF_8))
        .mtime(time.getEpochSecond(), time.getNano());
  }

  private LayerWriter add(String path, TarEntry entry, Path source) {
    int slash = path.lastIndexOf('/');
    if (slash > 0 && !items.containsKey(order(path.substring(0, slash)))) {
      directory(path.substring(0, slash), 0755);
    }
    items.put(order(path), new Item(entry, source));
    return this;
  }

  /** Sorts parents before children, and marks before anything else in their directory. */
  private static String order(String path) {
    StringBuilder order = new StringBuilder();
    for (String component : path.split("/", -1)) {
      order.append('\0').append(component.startsWith(".wh.") ? '\0' : '\1').append(component);
    }
    return order.toString();
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    try (TarWriter tar = new TarWriter(out)) {
      for (Item item : items.values()) {
        if (item.source == null) {
          tar.put(item.entry);
        } else {
          try (InputStream data = Files.newInputStream(item.source)) {
            tar.put(item.entry, data);
          }
        }
      }
    }
  }
}
