package dev.lamina.inspect;

import dev.lamina.image.ImageException;
import dev.lamina.layer.tar.TarWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/**
 * Writes the merged tree of an image as one tar archive, as {@code podman export} does: relative
 * names, numeric owners, hard links, devices, extended attributes with ACLs and capabilities, and
 * the holes of sparse files (in GNU's PAX format). The same image in one store gives the same
 * bytes.
 *
 * <p>Left out are sockets, which tar does not know, and {@code security.selinux}, which is the
 * host's label and not the image's.
 */
public final class TreeExport {
  /** Told how the export goes on. */
  public interface Progress {
    /** An object was written, with {@code bytes} of content. */
    void advanced(long bytes);

    /** An object that cannot be in the archive was left out. */
    void leftOut(byte[] path);
  }

  private TreeExport() {}

  /** Writes all of {@code tree}; {@code out} should be buffered and is closed. */
  public static void write(MergedTree tree, OutputStream out, Progress progress)
      throws IOException {
    try (TarWriter tar = new TarWriter(out);
        TreeWalk walk = tree.walk(new byte[] {'/'})) {
      TreeTar entries = new TreeTar(tree, tar, Optional.empty());
      while (walk.next()) {
        if (Thread.interrupted()) {
          throw new ImageException(ImageException.Kind.INTERRUPTED, "interrupted");
        }
        byte[] path = walk.path();
        long bytes = entries.put(path, walk.node(), walk.stat());
        if (bytes < 0) {
          progress.leftOut(path);
        } else {
          progress.advanced(bytes);
        }
      }
    }
  }
}
