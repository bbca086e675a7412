package dev.lamina.commit;

import dev.lamina.image.ImageException;
import dev.lamina.image.LayerContent;
import dev.lamina.inspect.MergedTree;
import dev.lamina.inspect.TreeTar;
import dev.lamina.layer.tar.TarEntry;
import dev.lamina.layer.tar.TarType;
import dev.lamina.layer.tar.TarWriter;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.Change;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes of a writable layer as a layer of an image (OCI layer.md): each directory before what
 * is in it, in it the whiteouts first, one for each name that is gone, then the rest in byte order.
 * Whiteouts have the epoch as their time. Equal trees and changes give equal bytes.
 */
final class LayerDiff implements LayerContent {
  private static final Logger LOG = LoggerFactory.getLogger(LayerDiff.class);
  private static final String WHITEOUT = ".wh.";
  private static final byte[] ROOT = {'/'};

  private final MergedTree tree;
  private final boolean rootChanged;
  private final Optional<Instant> latest;

  /** What changed in each directory, by the directory's path; the root's is empty. */
  private final Map<String, List<Change>> changes = new TreeMap<>();

  /**
   * Of a tree and what was changed in it.
   *
   * @param rootChanged whether the root directory has other attributes than below
   * @param latest modification times after it become it
   */
  LayerDiff(MergedTree tree, List<Change> changes, boolean rootChanged, Optional<Instant> latest) {
    this.tree = tree;
    this.rootChanged = rootChanged;
    this.latest = latest;
    for (Change change : changes) {
      String parent = change.path().substring(0, change.path().lastIndexOf('/'));
      this.changes.computeIfAbsent(parent, p -> new ArrayList<>()).add(change);
    }
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    try (TarWriter tar = new TarWriter(out)) {
      TreeTar entries = new TreeTar(tree, tar, latest);
      if (rootChanged) {
        tree.visit(ROOT, (node, stat) -> entries.put(new byte[] {'.'}, node, stat));
      }
      writeChildren("", tar, entries);
    }
  }

  private void writeChildren(String parent, TarWriter tar, TreeTar entries) throws IOException {
    // A directory's list goes as soon as it is written: depth is bounded by PATH_MAX.
    List<Change> children = changes.remove(parent);
    if (children == null) {
      return;
    }
    for (Change change : children) {
      if (change.kind() == Change.Kind.DELETED) {
        tar.put(whiteout(change.path()));
      }
    }
    for (Change change : children) {
      if (change.kind() != Change.Kind.DELETED) {
        if (Thread.interrupted()) {
          throw new ImageException(ImageException.Kind.INTERRUPTED, "interrupted");
        }
        requireStorable(change.path());
        byte[] path = bytes(change.path());
        tree.visit(path, (node, stat) -> put(entries, change.path(), node, stat));
        writeChildren(change.path(), tar, entries);
      }
    }
  }

  private static void put(TreeTar entries, String path, long node, Stat stat) throws IOException {
    if (entries.put(bytes(path.substring(1)), node, stat) < 0) {
      LOG.warn("left out, a socket: {}", Name.printable(bytes(path)));
    }
  }

  /** What a layer has under such a name is taken for the mark that the rest of the name is gone. */
  private static void requireStorable(String path) throws ImageException {
    if (path.startsWith(WHITEOUT, path.lastIndexOf('/') + 1)) {
      throw new ImageException(
          ImageException.Kind.REFUSED,
          Name.printable(bytes(path))
              + ": a layer cannot hold a name that begins with "
              + WHITEOUT);
    }
  }

  private static TarEntry whiteout(String path) {
    int slash = path.lastIndexOf('/');
    String parent = path.substring(1, slash + 1);
    return new TarEntry(TarType.REGULAR, bytes(parent + WHITEOUT + path.substring(slash + 1)));
  }

  private static byte[] bytes(String path) {
    return path.getBytes(StandardCharsets.ISO_8859_1);
  }
}
