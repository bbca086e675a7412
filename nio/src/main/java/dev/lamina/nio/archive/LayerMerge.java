package dev.lamina.nio.archive;

import dev.lamina.image.ImageException;
import dev.lamina.layer.LayerReader;
import dev.lamina.layer.tar.TarEntry;
import dev.lamina.layer.tar.TarXattr;
import dev.lamina.linux.FileMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Applies layers, bottom first, to one tree. Each object knows the last layer that has it, so that
 * a whiteout or an opaque mark hides what is below its layer and never what is in it, wherever in
 * the archive it stands.
 */
final class LayerMerge implements LayerReader.Listener {
  /** As many as the kernel follows (path_resolution(7)). */
  private static final int MAX_LINKS = 40;

  private static final int BUFFER = 1 << 16;
  private static final int IMPLIED = 0755;

  /** What a node and its place in a directory take, about. */
  private static final int NODE_BYTES = 250;

  private final FileChannel spool;
  private final List<ImageNode> nodes = new ArrayList<>();
  private final ImageNode root;
  private final long memory;
  private final byte[] buffer = new byte[BUFFER];
  private long spooled;
  private long taken;
  private int layer;

  /**
   * An empty tree.
   *
   * @param memory bytes of this process's memory that the tree may take
   */
  LayerMerge(FileChannel spool, long memory) throws ImageException {
    this.spool = spool;
    this.memory = memory;
    this.root = newNode(FileMode.S_IFDIR);
    root.describe(IMPLIED, 0, 0);
  }

  /** What follows is above everything before. */
  void beginLayer() {
    layer++;
  }

  /** Null where there is none of that number. */
  ImageNode node(long number) {
    return number < 1 || number > nodes.size() ? null : nodes.get((int) number - 1);
  }

  long bytes() {
    return spooled;
  }

  /** Counts {@code bytes} of memory; LIMIT where there are too many. */
  private void take(long bytes) throws ImageException {
    taken += bytes;
    if (taken > memory) {
      throw new ImageException(
          ImageException.Kind.LIMIT,
          "names and attributes of the image take more than " + memory + " bytes of memory");
    }
  }

  private ImageNode newNode(int type) throws ImageException {
    take(NODE_BYTES);
    ImageNode node = new ImageNode(nodes.size() + 1L, type, layer);
    nodes.add(node);
    return node;
  }

  @Override
  public void object(byte[][] path, TarEntry entry, InputStream data) throws IOException {
    if (path.length == 0) {
      describe(root, entry);
      return;
    }
    ImageNode parent = parent(path);
    byte[] name = path[path.length - 1];
    switch (entry.type()) {
      case DIRECTORY -> directory(parent, name, entry);
      case HARD_LINK -> hardLink(parent, name, LayerReader.linkTarget(entry));
      case REGULAR -> {
        ImageNode file = replace(parent, name, FileMode.S_IFREG, entry);
        file.data(spool(entry, data));
      }
      case SYMLINK -> replace(parent, name, FileMode.S_IFLNK, entry).target(entry.linkName());
      case CHAR_DEVICE -> device(replace(parent, name, FileMode.S_IFCHR, entry), entry);
      case BLOCK_DEVICE -> device(replace(parent, name, FileMode.S_IFBLK, entry), entry);
      case FIFO -> replace(parent, name, FileMode.S_IFIFO, entry);
    }
  }

  private static void device(ImageNode node, TarEntry entry) {
    node.device(FileMode.device(entry.deviceMajor(), entry.deviceMinor()));
  }

  private void describe(ImageNode node, TarEntry entry) throws ImageException {
    take(entry.name().length + entry.linkName().length);
    for (TarXattr xattr : entry.xattrs()) {
      take(xattr.name().length + xattr.value().length);
    }
    if (entry.sparse() != null) {
      take(2L * Long.BYTES * entry.sparse().count());
    }
    node.describe(entry.mode(), entry.uid(), entry.gid());
    node.time(entry.mtime(), entry.mtimeNanos());
    node.xattrs(LayerReader.shownXattrs(entry));
    node.layer(layer);
  }

  private void directory(ImageNode parent, byte[] name, TarEntry entry) throws ImageException {
    ImageNode known = parent.children().get(name);
    if (known != null && known.isDirectory()) {
      describe(known, entry);
    } else {
      replace(parent, name, FileMode.S_IFDIR, entry);
    }
  }

  private ImageNode replace(ImageNode parent, byte[] name, int type, TarEntry entry)
      throws ImageException {
    parent.remove(name);
    ImageNode node = newNode(type);
    describe(node, entry);
    if (type == FileMode.S_IFLNK) {
      node.describe(0777, entry.uid(), entry.gid());
    }
    parent.put(name, node);
    return node;
  }

  private Extent spool(TarEntry entry, InputStream data) throws IOException {
    long start = spooled;
    int got;
    while ((got = data.read(buffer, 0, BUFFER)) > 0) {
      ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, got);
      while (bytes.hasRemaining()) {
        spooled += spool.write(bytes, spooled);
      }
    }
    return entry.sparse() == null
        ? Extent.whole(start, spooled - start)
        : Extent.sparse(start, entry.sparse());
  }

  private void hardLink(ImageNode parent, byte[] name, byte[][] target) throws IOException {
    ImageNode from = walk(target, target.length - 1, false);
    byte[] targetName = target[target.length - 1];
    ImageNode file = from == null ? null : from.children().get(targetName);
    if (file == null) {
      throw new ImageException(
          ImageException.Kind.MALFORMED, "a hard link to something that does not exist");
    }
    if (file.isDirectory()) {
      throw new ImageException(ImageException.Kind.REFUSED, "a hard link to a directory");
    }
    if (file == parent.children().get(name)) {
      return;
    }
    if (file.layer() < layer) {
      // Brought up into this layer, as when it is unpacked: other names below stay what they are.
      take(NODE_BYTES);
      file = file.copy(nodes.size() + 1L, layer);
      nodes.add(file);
      from.remove(targetName);
      from.put(targetName, file);
    }
    parent.remove(name);
    parent.put(name, file);
  }

  @Override
  public void whiteout(byte[][] path) throws IOException {
    ImageNode parent = parent(path);
    byte[] name = path[path.length - 1];
    ImageNode hidden = parent.children().get(name);
    if (hidden != null && hidden.layer() < layer) {
      parent.remove(name);
    } else if (hidden != null && hidden.isDirectory()) {
      hideBelow(hidden);
    }
  }

  @Override
  public void opaque(byte[][] path) throws IOException {
    hideBelow(walk(path, path.length, true));
  }

  /** Takes away what the layers below have in {@code directory}. */
  private void hideBelow(ImageNode directory) {
    Deque<ImageNode> ahead = new ArrayDeque<>();
    for (ImageNode next = directory; next != null; next = ahead.poll()) {
      for (byte[] name : List.copyOf(next.children().keySet())) {
        ImageNode child = next.children().get(name);
        if (child.layer() < layer) {
          next.remove(name);
        } else if (child.isDirectory()) {
          ahead.add(child);
        }
      }
    }
  }

  private ImageNode parent(byte[][] path) throws ImageException {
    return walk(path, path.length - 1, true);
  }

  /**
   * The directory that the first {@code count} components lead to, by way of links, inside the
   * root.
   *
   * @param create makes what is missing or is no directory one, in this layer; else null
   */
  private ImageNode walk(byte[][] path, int count, boolean create) throws ImageException {
    Deque<ImageNode> trail = new ArrayDeque<>();
    trail.push(root);
    Deque<byte[]> ahead = new ArrayDeque<>();
    for (int i = 0; i < count; i++) {
      ahead.add(path[i]);
    }
    int links = 0;
    while (!ahead.isEmpty()) {
      byte[] name = ahead.pop();
      if (name.length == 2 && name[0] == '.' && name[1] == '.') {
        if (trail.size() > 1) {
          trail.pop();
        }
        continue;
      }
      ImageNode child = trail.peek().children().get(name);
      if (child != null && child.isSymlink()) {
        if (++links > MAX_LINKS) {
          throw new ImageException(
              ImageException.Kind.REFUSED, "too many levels of symbolic links (ELOOP)");
        }
        follow(child.target(), trail, ahead);
        continue;
      }
      if (child == null || !child.isDirectory()) {
        if (!create) {
          return null;
        }
        child = makeImplied(trail.peek(), name);
      } else if (create) {
        // The layer has this directory, whether or not it has an entry for it.
        child.layer(layer);
      }
      trail.push(child);
    }
    return trail.peek();
  }

  private ImageNode makeImplied(ImageNode parent, byte[] name) throws ImageException {
    parent.remove(name);
    ImageNode made = newNode(FileMode.S_IFDIR);
    made.describe(IMPLIED, 0, 0);
    parent.put(name, made);
    return made;
  }

  private void follow(byte[] target, Deque<ImageNode> trail, Deque<byte[]> ahead) {
    if (target[0] == '/') {
      trail.clear();
      trail.push(root);
    }
    int end = target.length;
    for (int i = target.length - 1; i >= -1; i--) {
      if (i < 0 || target[i] == '/') {
        boolean dot = end - i == 2 && target[i + 1] == '.';
        if (end - i > 1 && !dot) {
          ahead.push(Arrays.copyOfRange(target, i + 1, end));
        }
        end = i;
      }
    }
  }
}
