package dev.lamina.cli;

import dev.lamina.inspect.layers.LayerWalk;
import dev.lamina.store.StoredLayer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What one layer alone has in a directory, with its deletions, spelled as in the layer's archive.
 */
final class LayerListing {
  private static final byte[] WHITEOUT = ".wh.".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] OPAQUE = ".wh..wh..opq".getBytes(StandardCharsets.US_ASCII);

  private final StoredLayer layer;
  private final EntryWriter line;
  private final boolean details;
  private final boolean recursive;

  LayerListing(StoredLayer layer, EntryWriter line, boolean details, boolean recursive) {
    this.layer = layer;
    this.line = line;
    this.details = details;
    this.recursive = recursive;
  }

  /** Lists {@code start}; no link in it is followed. */
  void list(byte[] start) throws IOException, CommandFailure {
    byte[] wanted = normal(start);
    boolean found = wanted.length == 0;
    try (LayerWalk walk = LayerWalk.of(layer)) {
      while (walk.next()) {
        byte[] path = walk.path();
        if (Arrays.equals(path, wanted)) {
          found = true;
          start(walk, start);
        } else if (isBelow(path, wanted)) {
          entry(walk, path);
        } else if (!isBelow(wanted, path)) {
          walk.skip();
        }
      }
    }
    if (!found) {
      throw new CommandFailure(
          ExitStatus.FAILED,
          new String(start, StandardCharsets.UTF_8) + ": this layer has no such file or directory");
    }
  }

  private void start(LayerWalk walk, byte[] start) throws IOException {
    if (walk.isDeletion() || !walk.stat().isDirectory()) {
      print(walk, walk.isDeletion() ? mark(start) : start);
    } else if (walk.isOpaque()) {
      deletion(recursive ? LsCommand.joined(start, OPAQUE) : OPAQUE);
    }
  }

  private void entry(LayerWalk walk, byte[] path) throws IOException {
    byte[] name = recursive ? LsCommand.joined(new byte[] {'/'}, path) : walk.name();
    print(walk, walk.isDeletion() ? mark(name) : name);
    if (!recursive) {
      walk.skip();
    } else if (walk.isOpaque()) {
      deletion(LsCommand.joined(name, OPAQUE));
    }
  }

  private void print(LayerWalk walk, byte[] name) throws IOException {
    if (walk.isDeletion()) {
      deletion(name);
    } else if (details) {
      line.details(name, walk.stat(), walk.stat().isSymlink() ? walk.target() : null);
    } else {
      line.name(name);
    }
  }

  private void deletion(byte[] name) throws IOException {
    if (details) {
      line.deletion(name);
    } else {
      line.name(name);
    }
  }

  /** {@code dir/.wh.name} for {@code dir/name}. */
  private static byte[] mark(byte[] path) {
    int name = path.length;
    while (name > 0 && path[name - 1] != '/') {
      name--;
    }
    ByteArrayOutputStream mark = new ByteArrayOutputStream();
    mark.write(path, 0, name);
    mark.writeBytes(WHITEOUT);
    mark.write(path, name, path.length - name);
    return mark.toByteArray();
  }

  private static boolean isBelow(byte[] path, byte[] directory) {
    return directory.length == 0
        || (path.length > directory.length
            && path[directory.length] == '/'
            && Arrays.equals(path, 0, directory.length, directory, 0, directory.length));
  }

  /** The path as walks write it: no slash at either end, none twice, no {@code .}. */
  private static byte[] normal(byte[] path) {
    ByteArrayOutputStream normal = new ByteArrayOutputStream();
    int start = 0;
    for (int i = 0; i <= path.length; i++) {
      if (i == path.length || path[i] == '/') {
        boolean dot = i - start == 1 && path[start] == '.';
        if (i > start && !dot) {
          if (normal.size() > 0) {
            normal.write('/');
          }
          normal.write(path, start, i - start);
        }
        start = i + 1;
      }
    }
    return normal.toByteArray();
  }
}
