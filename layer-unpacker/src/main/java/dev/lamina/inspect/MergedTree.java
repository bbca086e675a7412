package dev.lamina.inspect;

import dev.lamina.image.ImageException;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.Caller;
import dev.lamina.overlay.InodeFileSystem;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.store.ImageStack;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tree of an image as a mount shows it, in this process and without a mount; read-only. Paths
 * are bytes, absolute or relative to the image's root; symbolic links end inside it.
 *
 * <p>For one thread. Failures are {@link ErrnoException}s that name the path.
 */
public final class MergedTree implements AutoCloseable {
  private static final int CHUNK = 1 << 16;

  private final Overlay overlay;
  private final InodeFileSystem inodes;
  private final Caller caller = Caller.self();
  private final NativeMemory buffer = NativeMemory.allocate(Xattr.SIZE_MAX);

  private MergedTree(Overlay overlay) {
    this.overlay = overlay;
    this.inodes = overlay.inodes();
  }

  /** Opens the layers of {@code image}; it must stay in its store until this is closed. */
  public static MergedTree open(StoredImage image) throws IOException {
    if (image.layers().isEmpty()) {
      throw new ImageException(
          ImageException.Kind.UNSUPPORTED, image.id() + " has no layers, and so no files");
    }
    OverlayOptions.Builder options = OverlayOptions.builder();
    ImageStack.lowers(image).forEach(options::addLower);
    return new MergedTree(Overlay.open(options.build()));
  }

  /**
   * Opens any stack, that of a container say, whose writable layer then belongs to this alone.
   *
   * @throws ErrnoException EBUSY where it is mounted
   */
  public static MergedTree open(OverlayOptions options) throws ErrnoException {
    return new MergedTree(Overlay.open(options));
  }

  /** Somebody who is handed an object. */
  public interface Visitor {
    /** {@code node} is held until this returns, and {@code stat} good as long. */
    void visit(long node, Stat stat) throws IOException;
  }

  /** Hands over {@code path} itself, even where it is a symbolic link. */
  public void visit(byte[] path, Visitor visitor) throws IOException {
    long node = overlay.paths().node(path, false);
    try {
      Stat stat = new Stat();
      inodes.getattr(node, stat);
      visitor.visit(node, stat);
    } finally {
      inodes.forget(node, 1);
    }
  }

  /** The union itself: for who stands at a node of a {@link TreeWalk}. */
  InodeFileSystem inodes() {
    return inodes;
  }

  /** Attributes of what {@code path} leads to, or with {@code follow} false of it itself. */
  public Stat stat(byte[] path, boolean follow) throws ErrnoException {
    long node = overlay.paths().node(path, follow);
    try {
      Stat stat = new Stat();
      inodes.getattr(node, stat);
      return stat;
    } finally {
      inodes.forget(node, 1);
    }
  }

  /** Walks what is below the directory that {@code path} leads to; the walk is closed first. */
  public TreeWalk walk(byte[] path) throws ErrnoException {
    return TreeWalk.below(this, overlay.paths().node(path, true));
  }

  /** Target of the symbolic link {@code path}. */
  public byte[] readlink(byte[] path) throws ErrnoException {
    long node = overlay.paths().node(path, false);
    try {
      return target(node);
    } finally {
      inodes.forget(node, 1);
    }
  }

  byte[] target(long node) throws ErrnoException {
    return buffer.copy(0, inodes.readlink(node, buffer, 0, Name.PATH_MAX));
  }

  /**
   * Writes the content of the regular file that {@code path} leads to. EISDIR for a directory,
   * EINVAL for anything else that has no content.
   */
  public void copy(byte[] path, OutputStream out) throws IOException {
    long node = overlay.paths().node(path, true);
    try {
      Stat stat = new Stat();
      inodes.getattr(node, stat);
      if (!stat.isRegular()) {
        throw new ErrnoException(
            stat.isDirectory() ? Errno.EISDIR : Errno.EINVAL, Name.printable(path));
      }
      try (FileContent content = open(node)) {
        byte[] chunk = new byte[CHUNK];
        long offset = 0;
        int got = content.read(chunk, chunk.length, offset);
        while (got > 0) {
          out.write(chunk, 0, got);
          offset += got;
          got = content.read(chunk, chunk.length, offset);
        }
      }
    } finally {
      inodes.forget(node, 1);
    }
  }

  /** Opens a regular file's content. */
  FileContent open(long node) throws ErrnoException {
    return FileContent.open(inodes, caller, node);
  }

  /**
   * Extended attributes of an object that the caller holds, as users of the tree see them, by name
   * (kept in Latin-1), in byte order.
   */
  public Map<String, byte[]> xattrs(long node) throws ErrnoException {
    int end = inodes.listxattr(caller, node, buffer, 0, Xattr.SIZE_MAX);
    if (end == 0) {
      return Map.of();
    }
    byte[] names = buffer.copy(0, end);
    Map<String, byte[]> xattrs = new TreeMap<>();
    int start = 0;
    for (int i = 0; i < end; i++) {
      if (names[i] == 0) {
        byte[] name = Arrays.copyOfRange(names, start, i);
        int size = inodes.getxattr(node, Name.of(name), buffer, 0, Xattr.SIZE_MAX);
        if (size >= 0) {
          xattrs.put(new String(name, StandardCharsets.ISO_8859_1), buffer.copy(0, size));
        }
        start = i + 1;
      }
    }
    return xattrs;
  }

  /** Whether a mode is that of a device, whose number counts. */
  static boolean isDevice(int mode) {
    int type = mode & FileMode.S_IFMT;
    return type == FileMode.S_IFCHR || type == FileMode.S_IFBLK;
  }

  @Override
  public void close() {
    overlay.close();
  }
}
