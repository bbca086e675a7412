package dev.lamina.nio.archive;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.layer.LayerReader;
import dev.lamina.layer.UnpackLimits;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The tree that the layers of an image make, read once from wherever the image is kept. Every blob
 * is compared with its digest first. Thread-safe.
 */
public final class ImageTree implements Closeable {
  private final Path spoolFile;
  private final FileChannel spool;
  private final LayerMerge merge;

  private ImageTree(Path spoolFile, FileChannel spool, long memory) throws ImageException {
    this.spoolFile = spoolFile;
    this.spool = spool;
    this.merge = new LayerMerge(spool, memory);
  }

  /**
   * Reads all layers; {@code source} may be closed then.
   *
   * @param memory bytes that names and attributes may take, against archives made to fill it
   * @throws ImageException naming the layer and the entry
   */
  public static ImageTree read(ImageSource source, UnpackLimits limits, long memory)
      throws IOException {
    Path file = Files.createTempFile("lamina-image", ".data");
    ImageTree tree;
    try {
      FileChannel spool =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      tree = new ImageTree(file, spool, memory);
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
    try {
      tree.readLayers(source, new LayerReader(limits));
      return tree;
    } catch (IOException | RuntimeException e) {
      tree.close();
      throw e;
    }
  }

  private void readLayers(ImageSource source, LayerReader reader) throws IOException {
    for (LayerBlob layer : source.layers()) {
      merge.beginLayer();
      try {
        reader.read(layer, source.openLayer(layer), merge);
      } catch (ImageException e) {
        throw e.about("layer " + layer.diffId());
      }
    }
  }

  /** The object of a number; null where there is none. */
  public ImageNode node(long number) {
    return merge.node(number);
  }

  /** Bytes of all data. */
  public long bytes() {
    return merge.bytes();
  }

  /** Fills {@code target} from a regular file; bytes read, 0 at its end. */
  public int read(ImageNode file, ByteBuffer target, long position) throws IOException {
    return file.data().read(spool, target, position);
  }

  /**
   * Maps a part of a regular file, not to write to it.
   *
   * @throws UnsupportedOperationException for a file with holes
   */
  public MappedByteBuffer map(ImageNode file, MapMode mode, long position, long size)
      throws IOException {
    long start = file.data().wholeAt();
    if (start < 0 || position > file.size() - size) {
      throw new UnsupportedOperationException("a file with holes, or beyond its end");
    }
    return spool.map(mode, start + position, size);
  }

  @Override
  public void close() throws IOException {
    spool.close();
    Files.deleteIfExists(spoolFile);
  }
}
