package dev.lamina.cli;

import dev.lamina.image.LayerContent;
import dev.lamina.layer.tar.TarEntry;
import dev.lamina.layer.tar.TarType;
import dev.lamina.layer.tar.TarWriter;
import dev.lamina.layer.tar.TarXattr;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A layer entry by entry, in the order given, with whatever tar can say. Names are Latin-1: a byte
 * for each character.
 */
final class TarLayer implements LayerContent {
  private static final byte[] NO_DATA = new byte[0];

  /** Any time will do, but not now, and with nanoseconds. */
  private static final long TIME = 1_500_000_000;

  private static final int NANOS = 123_456_789;

  private final List<TarEntry> entries = new ArrayList<>();
  private final List<byte[]> data = new ArrayList<>();

  TarLayer directory(String path, int mode) {
    return add(TarType.DIRECTORY, path, mode, NO_DATA, entry -> entry);
  }

  TarLayer file(String path, String content) {
    return file(path, 0644, content.getBytes(StandardCharsets.UTF_8));
  }

  TarLayer file(String path, int mode, byte[] content) {
    return add(TarType.REGULAR, path, mode, content, entry -> entry.size(content.length));
  }

  /** The next entry, with more attributes. */
  TarLayer add(
      TarType type, String path, int mode, byte[] content, UnaryOperator<TarEntry> attributes) {
    TarEntry entry = new TarEntry(type, bytes(path)).mode(mode).mtime(TIME, NANOS);
    entries.add(attributes.apply(entry));
    data.add(content);
    return this;
  }

  TarLayer symlink(String path, String target) {
    return add(TarType.SYMLINK, path, 0777, NO_DATA, entry -> entry.linkName(bytes(target)));
  }

  /** Another name for a file of this layer or one below. */
  TarLayer hardLink(String path, String target) {
    return add(TarType.HARD_LINK, path, 0644, NO_DATA, entry -> entry.linkName(bytes(target)));
  }

  TarLayer whiteout(String path) {
    int name = path.lastIndexOf('/') + 1;
    return file(path.substring(0, name) + ".wh." + path.substring(name), "");
  }

  TarLayer opaque(String path) {
    return file(path + "/.wh..wh..opq", "");
  }

  static TarXattr xattr(String name, byte[] value) {
    return new TarXattr(bytes(name), value);
  }

  private static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    try (TarWriter tar = new TarWriter(out)) {
      for (int i = 0; i < entries.size(); i++) {
        if (data.get(i).length == 0) {
          tar.put(entries.get(i));
        } else {
          tar.put(entries.get(i), new ByteArrayInputStream(data.get(i)));
        }
      }
    }
  }
}
