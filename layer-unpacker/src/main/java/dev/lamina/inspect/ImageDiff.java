package dev.lamina.inspect;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.Change;
import dev.lamina.overlay.LowerLayer;
import dev.lamina.store.ImageStack;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What distinguishes the merged trees of two images. Cheap questions come first: whether both show
 * the same object of the same layer, then attributes, then content, which is read to the first
 * difference. Memory does not grow with the trees.
 *
 * <p>A directory is changed when its attributes are, or something in it; what was in a deleted
 * directory, or in one that is a file now, is not listed. Times of last modification count only if
 * asked for: two builds of one image differ in them everywhere.
 */
public final class ImageDiff {
  private static final int CHUNK = 1 << 16;
  private static final long SEVERAL = -1;

  /** Told of differences, each directory before what is in it, names in byte order. */
  public interface Listener {
    /** What the second image has, or has not, that the first has not, or has. */
    void on(Change change) throws IOException;
  }

  private final MergedTree before;
  private final MergedTree after;
  private final TreeWalk old;
  private final TreeWalk now;
  private final Listener listener;
  private final boolean times;
  private final boolean shareInodes;

  /** Changed directories on the way that the listener was not told of yet, outermost first. */
  private final ArrayDeque<byte[]> untold = new ArrayDeque<>();

  private final byte[] oldChunk = new byte[CHUNK];
  private final byte[] newChunk = new byte[CHUNK];

  private ImageDiff(
      MergedTree before,
      MergedTree after,
      TreeWalk old,
      TreeWalk now,
      boolean times,
      boolean shareInodes,
      Listener listener) {
    this.before = before;
    this.after = after;
    this.old = old;
    this.now = now;
    this.times = times;
    this.shareInodes = shareInodes;
    this.listener = listener;
  }

  /**
   * Compares two images.
   *
   * @param times whether modification times count
   */
  public static void compare(
      StoredImage before, StoredImage after, boolean times, Listener listener) throws IOException {
    List<LowerLayer> oldLayers = ImageStack.lowers(before);
    List<LowerLayer> newLayers = ImageStack.lowers(after);
    if (oldLayers.equals(newLayers)) {
      return;
    }
    long filesystem = filesystem(oldLayers);
    boolean shareInodes = filesystem != SEVERAL && filesystem == filesystem(newLayers);
    byte[] root = {'/'};
    try (MergedTree oldTree = MergedTree.open(before);
        MergedTree newTree = MergedTree.open(after);
        TreeWalk oldWalk = oldTree.walk(root);
        TreeWalk newWalk = newTree.walk(root)) {
      new ImageDiff(oldTree, newTree, oldWalk, newWalk, times, shareInodes, listener).run();
    }
  }

  /**
   * The one filesystem that all layers lie on, else {@link #SEVERAL}: the union shows the inode
   * numbers of one as they are, so that equal numbers mean one object.
   */
  private static long filesystem(List<LowerLayer> layers) throws ErrnoException {
    Set<Long> devices = new HashSet<>();
    Stat stat = new Stat();
    for (LowerLayer layer : layers) {
      int fd = At.openDirectory(At.FDCWD, Name.of(layer.path().toString()));
      try {
        At.stat(fd, stat);
        devices.add(stat.dev);
      } finally {
        Fd.close(fd);
      }
    }
    return devices.size() == 1 ? devices.iterator().next() : SEVERAL;
  }

  private void run() throws IOException {
    boolean hasOld = old.next();
    boolean hasNew = now.next();
    while (hasOld || hasNew) {
      int order = !hasOld ? 1 : !hasNew ? -1 : order();
      if (order == 0) {
        both();
        hasOld = old.next();
        hasNew = now.next();
      } else if (order < 0) {
        old.skip();
        tell(Change.Kind.DELETED, old.path());
        hasOld = old.next();
      } else {
        tell(Change.Kind.ADDED, now.path());
        hasNew = now.next();
      }
    }
  }

  /** Which walk stands at the earlier path: deeper ones come first, as both go on with siblings. */
  private int order() {
    int byDepth = Integer.compare(now.depth(), old.depth());
    return byDepth != 0 ? byDepth : Arrays.compareUnsigned(old.name(), now.name());
  }

  private void both() throws IOException {
    Stat from = old.stat();
    Stat to = now.stat();
    if (from.isDirectory() && to.isDirectory()) {
      if (!sameAttributes(from, to) || !sameXattrs()) {
        tell(Change.Kind.CHANGED, now.path());
      } else {
        byte[] path = now.path();
        while (!untold.isEmpty() && !isIn(untold.getLast(), path)) {
          untold.removeLast();
        }
        untold.addLast(path);
      }
      return;
    }
    if (from.isDirectory()) {
      old.skip();
    }
    if (!isSameObject(from, to) && !isEqual(from, to)) {
      tell(Change.Kind.CHANGED, now.path());
    }
  }

  private boolean isSameObject(Stat from, Stat to) {
    return shareInodes && from.ino == to.ino;
  }

  private boolean isEqual(Stat from, Stat to) throws IOException {
    if (!sameAttributes(from, to) || (times && !sameTime(from, to))) {
      return false;
    }
    if (from.isSymlink()) {
      return Arrays.equals(before.target(old.node()), after.target(now.node()));
    }
    if (from.isRegular() && from.size != to.size) {
      return false;
    }
    if (MergedTree.isDevice(from.mode) && from.rdev != to.rdev) {
      return false;
    }
    return sameXattrs() && (!from.isRegular() || sameContent());
  }

  private static boolean sameAttributes(Stat from, Stat to) {
    return from.mode == to.mode && from.uid == to.uid && from.gid == to.gid;
  }

  private static boolean sameTime(Stat from, Stat to) {
    return from.mtime == to.mtime && from.mtimeNanos == to.mtimeNanos;
  }

  private boolean sameXattrs() throws ErrnoException {
    Map<String, byte[]> from = before.xattrs(old.node());
    Map<String, byte[]> to = after.xattrs(now.node());
    if (!from.keySet().equals(to.keySet())) {
      return false;
    }
    for (Map.Entry<String, byte[]> xattr : from.entrySet()) {
      if (!Arrays.equals(xattr.getValue(), to.get(xattr.getKey()))) {
        return false;
      }
    }
    return true;
  }

  private boolean sameContent() throws ErrnoException {
    try (FileContent from = before.open(old.node());
        FileContent to = after.open(now.node())) {
      long offset = 0;
      while (true) {
        int got = from.read(oldChunk, CHUNK, offset);
        int same = to.read(newChunk, CHUNK, offset);
        if (got != same || !Arrays.equals(oldChunk, 0, got, newChunk, 0, got)) {
          return false;
        }
        if (got < CHUNK) {
          return true;
        }
        offset += got;
      }
    }
  }

  /** Tells of a change, and first of the directories that it is in. */
  private void tell(Change.Kind kind, byte[] path) throws IOException {
    while (!untold.isEmpty()) {
      byte[] directory = untold.removeFirst();
      if (isIn(directory, path)) {
        listener.on(change(Change.Kind.CHANGED, directory));
      }
    }
    listener.on(change(kind, path));
  }

  private static boolean isIn(byte[] directory, byte[] path) {
    return path.length > directory.length
        && path[directory.length] == '/'
        && Arrays.equals(directory, 0, directory.length, path, 0, directory.length);
  }

  private static Change change(Change.Kind kind, byte[] path) {
    return new Change(kind, "/" + new String(path, StandardCharsets.ISO_8859_1));
  }
}
