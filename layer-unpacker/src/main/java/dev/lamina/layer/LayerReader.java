package dev.lamina.layer;

import dev.lamina.image.ImageException;
import dev.lamina.image.LayerBlob;
import dev.lamina.layer.tar.TarEntry;
import dev.lamina.layer.tar.TarReader;
import dev.lamina.layer.tar.TarXattr;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.List;

/**
 * Reads what a layer says and makes nothing of it: in plain Java, on any operating system. When
 * {@link #read} returns, the blob's size and digest and the diffID have been verified.
 */
public final class LayerReader {
  /** Told of each entry in the order of the archive. Paths are components; the root has none. */
  public interface Listener {
    /** An object; {@code data} is what the archive holds of a regular file. */
    void object(byte[][] path, TarEntry entry, InputStream data) throws IOException;

    /** The last component of {@code path} hides what the layers below have there. */
    void whiteout(byte[][] path) throws IOException;

    /** The directory {@code path} shows nothing of the layers below. */
    void opaque(byte[][] path) throws IOException;
  }

  private final UnpackLimits limits;

  /** Reads layers that stay within {@code limits}. */
  public LayerReader(UnpackLimits limits) {
    this.limits = limits;
  }

  /**
   * Reads a whole layer.
   *
   * @param stored the blob, closed when this returns
   * @throws ImageException naming the entry; what was told before is then worth nothing
   */
  public void read(LayerBlob layer, InputStream stored, Listener listener) throws IOException {
    LayerStream stream =
        new LayerStream(layer, stored, limits, Compression::decompressAnywhere, more -> {});
    try {
      readEntries(new TarReader(stream.tar(), limits.header()), listener);
      stream.verify();
    } catch (ImageException e) {
      if (e.kind() == ImageException.Kind.MALFORMED) {
        throw stream.blobMismatch().orElse(e);
      }
      throw e;
    } catch (InterruptedIOException e) {
      throw new ImageException(ImageException.Kind.INTERRUPTED, "interrupted", e);
    } finally {
      stream.close();
    }
  }

  private void readEntries(TarReader tar, Listener listener) throws IOException {
    long entries = 0;
    TarEntry entry;
    while ((entry = tar.next()) != null) {
      if (++entries > limits.entries()) {
        throw new ImageException(
            ImageException.Kind.LIMIT, "the layer has more than " + limits.entries() + " entries");
      }
      if (entry.sparse() != null && entry.sparse().fileSize() > limits.bytes()) {
        throw new ImageException(
            ImageException.Kind.LIMIT, entry + " is larger than " + limits.bytes() + " bytes");
      }
      try {
        tell(listener, entry, tar);
      } catch (ImageException e) {
        throw e.about(entry.toString());
      }
    }
  }

  private static void tell(Listener listener, TarEntry entry, TarReader tar) throws IOException {
    LayerPath path = LayerPath.parse(entry.name());
    switch (WhiteoutName.of(path)) {
      case NONE -> {
        EntryRules.check(path, entry);
        listener.object(path.components(), entry, new Data(tar));
      }
      case WHITEOUT -> {
        byte[] name = path.name();
        byte[] hidden = Arrays.copyOfRange(name, WhiteoutName.PREFIX.length, name.length);
        listener.whiteout(path.parent().child(hidden).components());
      }
      case OPAQUE -> listener.opaque(path.parent().components());
      case AUFS_INTERNAL -> {}
    }
  }

  /**
   * The components of the path that a hard link names.
   *
   * @throws ImageException for the root, and for what leaves it
   */
  public static byte[][] linkTarget(TarEntry link) throws ImageException {
    LayerPath target = LayerPath.parse(link.linkName());
    if (target.isRoot()) {
      throw new ImageException(ImageException.Kind.REFUSED, "a hard link to the root directory");
    }
    return target.components();
  }

  /** Those extended attributes of an entry that a mount shows: none of another union's records. */
  public static List<TarXattr> shownXattrs(TarEntry entry) {
    return entry.xattrs().stream()
        .filter(xattr -> XattrPolicy.storedName(xattr.name()) != null)
        .toList();
  }

  /** The data of the entry that the reader stands at. */
  private static final class Data extends InputStream {
    private final TarReader tar;

    Data(TarReader tar) {
      this.tar = tar;
    }

    @Override
    public int read(byte[] target, int from, int count) throws IOException {
      return tar.read(target, from, count);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return tar.read(one, 0, 1) <= 0 ? -1 : one[0] & 0xff;
    }
  }
}
