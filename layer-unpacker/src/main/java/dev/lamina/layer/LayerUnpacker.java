package dev.lamina.layer;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.LayerBlob;
import dev.lamina.layer.tar.TarEntry;
import dev.lamina.layer.tar.TarReader;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.UserNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Applies one layer to an empty directory. Whatever the stream holds, nothing outside that
 * directory is touched; when {@link #unpack} returns, the blob's size and digest and the diffID
 * have been verified. When it throws, the directory is rubbish, for the caller to delete.
 *
 * <p>To read and verify 1,000 files of 4 KiB takes 8.5 ms, to make them 80 more ({@code
 * LayerBenchmark}): so calls on the filesystem are what is saved here.
 */
public final class LayerUnpacker {
  /** Gives the layers below, topmost first, once they are complete. */
  @FunctionalInterface
  public interface Parents {
    /** Waits for them, topmost first. */
    List<LowerLayers.Lower> await() throws ImageException, InterruptedException;
  }

  private static final Name TREE = Name.of("diff");
  private static final Name TRASH = Name.of("trash");

  /** Entries from one look whether to go on to the next. */
  private static final int LOOK_EVERY = 64;

  private final Dialect dialect;
  private final UnpackLimits limits;

  /** Makes trees with marks of {@code dialect}, within {@code limits}. */
  public LayerUnpacker(Dialect dialect, UnpackLimits limits) {
    this.dialect = dialect;
    this.limits = limits;
  }

  /**
   * Unpacks into a new directory {@code diff} below {@code staging}, an empty directory that other
   * users cannot enter.
   *
   * @param stored the blob, closed when this returns
   * @param record where to write down what {@link RecordedStream} needs; closed when this returns
   * @param parents asked only by a layer that depends on them
   * @param progress told now and then how many bytes of the blob more were read, all in the end
   */
  public UnpackedLayer unpack(
      LayerBlob layer,
      InputStream stored,
      int staging,
      Optional<OutputStream> record,
      Parents parents,
      LongConsumer progress)
      throws IOException, InterruptedException {
    LayerStream stream = new LayerStream(layer, stored, limits, progress);
    try (StreamRecorder recorder =
        record.isPresent() ? new StreamRecorder(stream.tar(), record.get()) : null) {
      return unpack(stream, recorder, staging, parents, layer.diffId().toString());
    } catch (ImageException e) {
      if (e.kind() == ImageException.Kind.MALFORMED) {
        throw stream.blobMismatch().orElse(e);
      }
      throw e;
    } catch (InterruptedIOException e) {
      throw interrupted(e);
    } catch (ErrnoException e) {
      throw new ImageException(ImageException.Kind.HOST, e.getMessage(), e);
    } finally {
      stream.close();
    }
  }

  /**
   * Reads a layer that is not to be unpacked, and compares all that was promised of it.
   *
   * @param stored the blob, closed when this returns
   */
  public void check(LayerBlob layer, InputStream stored, LongConsumer progress) throws IOException {
    LayerStream stream = new LayerStream(layer, stored, limits, progress);
    try {
      stream.verify();
    } catch (ImageException e) {
      if (e.kind() == ImageException.Kind.MALFORMED) {
        throw stream.blobMismatch().orElse(e);
      }
      throw e;
    } catch (InterruptedIOException e) {
      throw interrupted(e);
    } finally {
      stream.close();
    }
  }

  /** With {@code recorder} null where nothing is recorded. */
  private UnpackedLayer unpack(
      LayerStream stream, StreamRecorder recorder, int staging, Parents parents, String layerName)
      throws IOException, InterruptedException {
    At.mkdir(staging, TREE, 0700);
    At.mkdir(staging, TRASH, 0700);
    boolean privileged = UserNamespace.isHostRoot();
    int trash = At.openDirectory(staging, TRASH);
    PayloadListener payloads = recorder == null ? PayloadListener.NONE : recorder;
    LayerContext context =
        new LayerContext(
            dialect, privileged, trash, payloads, () -> LowerLayers.open(parents.await()));
    try {
      DirectoryCache cache =
          new DirectoryCache(At.open(staging, TREE, DirectoryCache.OPEN_FLAGS, 0), context);
      try {
        LayerTree tree = new LayerTree(context, cache);
        TarReader tar = new TarReader(recorder == null ? stream.tar() : recorder, limits.header());
        long entries = applyAll(tar, tree);
        if (recorder != null) {
          recorder.finish();
        }
        stream.verify();
        cache.finish();
        At.rmdir(staging, TRASH);
        context.skipped.report(layerName);
        Digest digest = treeDigest(staging, context.contents);
        return new UnpackedLayer(
            dialect,
            context.dependsOnParents(),
            tree.rootDescribed(),
            !privileged,
            entries,
            stream.bytes(),
            digest);
      } finally {
        cache.abandon();
      }
    } finally {
      context.close();
    }
  }

  private static Digest treeDigest(int staging, ContentChecksums contents) throws ErrnoException {
    int tree = At.openDirectory(staging, TREE);
    try {
      return TreeDigest.of(tree, contents);
    } finally {
      Fd.close(tree);
    }
  }

  private long applyAll(TarReader tar, LayerTree tree) throws IOException, InterruptedException {
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
        tree.apply(entry, tar);
      } catch (ImageException e) {
        throw e.about(entry.toString());
      } catch (ErrnoException e) {
        throw new ImageException(ImageException.Kind.HOST, entry + ": " + e.getMessage(), e);
      }
      if (entries % LOOK_EVERY == 0 && Thread.currentThread().isInterrupted()) {
        throw interrupted(null);
      }
    }
    return entries;
  }

  private static ImageException interrupted(Exception cause) {
    return new ImageException(ImageException.Kind.INTERRUPTED, "interrupted", cause);
  }
}
