package dev.lamina.store;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.layer.Dialect;
import dev.lamina.layer.LayerUnpacker;
import dev.lamina.layer.LowerLayers.Lower;
import dev.lamina.layer.UnpackLimits;
import dev.lamina.layer.UnpackedLayer;
import dev.lamina.linux.At;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Unpacks the layers of one image into a staging directory, some at a time, each with a second
 * thread that inflates. A layer that needs its
 * parents waits for them; since layers are started bottom first, the lowest one that is not
 * finished never waits, so there is no deadlock.
 */
final class LayerJobs {
  private final StoreLayout layout;
  private final ImageSource source;
  private final Staging staging;
  private final ProgressListener progress;
  private final LayerUnpacker unpacker;
  private final List<Future<Result>> results = new ArrayList<>();

  /**
   * A layer of the image.
   *
   * @param staged its directory's name in the staging directory; empty where the store has it, or
   *     where the same layer stands further down
   */
  record Result(StoredLayer layer, boolean dependsOnParents, Optional<String> staged) {}

  LayerJobs(
      StoreLayout layout,
      ImageSource source,
      Staging staging,
      Dialect dialect,
      UnpackLimits limits,
      ProgressListener progress) {
    this.layout = layout;
    this.source = source;
    this.staging = staging;
    this.progress = progress;
    this.unpacker = new LayerUnpacker(dialect, limits);
  }

  /** Runs all; the layers bottom first. When one fails, the others are stopped first. */
  List<Result> run() throws IOException {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            source.parallelism(),
            new ThreadFactoryBuilder().setNameFormat("layer-%d").setDaemon(true).build());
    try {
      submitAll(threads);
      List<Result> done = new ArrayList<>();
      for (Future<Result> result : results) {
        done.add(result.get());
      }
      return done;
    } catch (InterruptedException e) {
      throw new ImageException(ImageException.Kind.INTERRUPTED, "interrupted", e);
    } catch (ExecutionException e) {
      throw cause(e);
    } finally {
      stop(threads);
    }
  }

  private void submitAll(ExecutorService threads) {
    Digest chainId = null;
    // The list is complete before any task looks into it.
    synchronized (results) {
      for (int i = 0; i < source.layers().size(); i++) {
        Digest diffId = source.layers().get(i).diffId();
        chainId = chainId == null ? diffId : Digest.chain(chainId, diffId);
        int index = i;
        Digest chain = chainId;
        results.add(threads.submit(() -> layer(index, chain)));
      }
    }
  }

  private Future<Result> result(int index) {
    synchronized (results) {
      return results.get(index);
    }
  }

  private static IOException cause(ExecutionException e) {
    Throwable cause = e.getCause();
    if (cause instanceof IOException io) {
      return io;
    }
    if (cause instanceof InterruptedException || cause instanceof CancellationException) {
      return new ImageException(ImageException.Kind.INTERRUPTED, "interrupted", cause);
    }
    throw new IllegalStateException("unpacking a layer failed", cause);
  }

  private static void stop(ExecutorService threads) {
    threads.shutdownNow();
    // Before the threads are gone, the staging directory cannot be deleted.
    Uninterruptibles.awaitTerminationUninterruptibly(threads);
  }

  private Result layer(int index, Digest chainId) throws IOException, InterruptedException {
    LayerBlob blob = source.layers().get(index);
    Optional<Result> known = known(index, chainId);
    if (known.isPresent()) {
      progress.shared(blob);
      return known.get();
    }
    try {
      Result result = unpack(index, blob, chainId);
      progress.finished(blob);
      return result;
    } catch (ImageException e) {
      throw e.kind() == ImageException.Kind.INTERRUPTED ? e : e.about(describe(index, blob));
    }
  }

  private String describe(int index, LayerBlob blob) {
    return String.format(
        "%s: layer %d of %d (%s)",
        source.name(), index + 1, source.layers().size(), blob.digest().orElse(blob.diffId()));
  }

  /** The layer if the store has it, or if it stands further down in this image. */
  private Optional<Result> known(int index, Digest chainId)
      throws IOException, InterruptedException {
    Digest diffId = source.layers().get(index).diffId();
    for (Digest key : List.of(chainId, diffId)) {
      Optional<StoredLayer> stored = layout.layer(key);
      if (stored.isPresent() && stored.get().diffId().equals(diffId)) {
        boolean dependent = layout.dependsOnParents(stored.get());
        if (!dependent || key.equals(chainId)) {
          return Optional.of(new Result(stored.get(), dependent, Optional.empty()));
        }
      }
    }
    for (int i = 0; i < index; i++) {
      if (source.layers().get(i).diffId().equals(diffId)) {
        Result same = await(i);
        return same.dependsOnParents
            ? Optional.empty()
            : Optional.of(new Result(same.layer, false, Optional.empty()));
      }
    }
    return Optional.empty();
  }

  private Result await(int index) throws IOException, InterruptedException {
    try {
      return result(index).get();
    } catch (ExecutionException e) {
      throw cause(e);
    }
  }

  private Result unpack(int index, LayerBlob blob, Digest chainId)
      throws IOException, InterruptedException {
    String name = "layer-" + index;
    Path directory = staging.directory(name);
    int fd = At.openDirectory(At.FDCWD, Name.of(directory.toString()));
    try {
      UnpackedLayer unpacked =
          unpacker.unpack(
              blob,
              source.openLayer(blob),
              fd,
              () -> parents(index),
              bytes -> progress.advanced(blob, bytes));
      StoreRecords.Layer record =
          new StoreRecords.Layer(
              blob.diffId(),
              unpacked.dependsOnParents(),
              unpacked.dialect(),
              unpacked.rootDescribed(),
              unpacked.ownersRecorded(),
              unpacked.entries(),
              unpacked.bytes());
      StoreRecords.write(directory.resolve("layer.json"), record);
      Digest key = unpacked.dependsOnParents() ? chainId : blob.diffId();
      StoredLayer layer = StoreLayout.stored(key, directory, record);
      return new Result(layer, unpacked.dependsOnParents(), Optional.of(name));
    } finally {
      Fd.close(fd);
    }
  }

  private List<Lower> parents(int index) throws ImageException, InterruptedException {
    List<Lower> parents = new ArrayList<>();
    for (int i = index - 1; i >= 0; i--) {
      try {
        StoredLayer layer = result(i).get().layer;
        parents.add(new Lower(layer.tree(), layer.dialect()));
      } catch (ExecutionException e) {
        throw new ImageException(
            ImageException.Kind.INTERRUPTED, "a layer below could not be unpacked", e);
      }
    }
    return parents;
  }
}
