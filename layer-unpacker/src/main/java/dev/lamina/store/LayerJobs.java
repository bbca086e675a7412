package dev.lamina.store;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.layer.LayerUnpacker;
import dev.lamina.layer.LowerLayers.Lower;
import java.io.IOException;
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
 * thread that inflates. A layer that needs its parents waits for them; since layers are started
 * bottom first, the lowest one that is not finished never waits, so there is no deadlock.
 */
final class LayerJobs {
  /** Bytes from which on a blob takes longer to come again than to be brought to stable storage. */
  private static final int WORTH_KEEPING = 1 << 20;

  private final StoreLayout layout;
  private final ImageSource source;
  private final Staging staging;
  private final BlobPolicy policy;
  private final ProgressListener progress;
  private final LayerIntake intake;
  private final List<Future<StagedLayer>> results = new ArrayList<>();

  LayerJobs(
      StoreLayout layout,
      ImageSource source,
      Staging staging,
      LayerUnpacker unpacker,
      BlobPolicy policy,
      ProgressListener progress) {
    this.layout = layout;
    this.source = source;
    this.staging = staging;
    this.progress = progress;
    this.intake = new LayerIntake(source, staging, unpacker, policy, progress);
    this.policy = policy;
  }

  /** Runs all; the layers bottom first. When one fails, the others are stopped first. */
  List<StagedLayer> run() throws IOException {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            source.parallelism(),
            new ThreadFactoryBuilder().setNameFormat("layer-%d").setDaemon(true).build());
    try {
      submitAll(threads);
      List<StagedLayer> done = new ArrayList<>();
      for (Future<StagedLayer> result : results) {
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

  private Future<StagedLayer> result(int index) {
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

  private StagedLayer layer(int index, Digest chainId) throws IOException, InterruptedException {
    LayerBlob blob = source.layers().get(index);
    try {
      Optional<StagedLayer> known = known(index, chainId);
      if (known.isPresent()) {
        return withBlob(known.get(), index, blob);
      }
      StagedLayer result = kept(blob, intake.unpack(index, blob, chainId, () -> parents(index)));
      progress.finished(blob);
      return result;
    } catch (ImageException e) {
      throw e.kind() == ImageException.Kind.INTERRUPTED ? e : e.about(describe(index, blob));
    }
  }

  /** A layer that was there without the blob that this image's manifest names: it is fetched. */
  private StagedLayer withBlob(StagedLayer known, int index, LayerBlob blob) throws IOException {
    if (policy != BlobPolicy.KEEP || isBelow(index, blob) || isThere(known.layer(), blob)) {
      progress.shared(blob);
      return known;
    }
    StagedLayer fetched = kept(blob, intake.fetch(index, blob, known));
    progress.finished(blob);
    return fetched;
  }

  /**
   * What comes from far is in the store as soon as it is complete: should the rest not come,
   * whoever asks again need not wait for it again. Until then nobody but {@code gc} knows it.
   */
  @SuppressWarnings("try") // The lock is held, not used.
  private StagedLayer kept(LayerBlob blob, StagedLayer complete) throws IOException {
    if (!source.isDistant() || blob.size() < WORTH_KEEPING) {
      return complete;
    }
    staging.sync();
    Digest key = complete.layer().key();
    try (StoreLock lock = StoreLock.shared(layout)) {
      staging.pin(new Pin(Pin.Kind.LAYER, key));
      if (complete.blob().isPresent()) {
        staging.pin(new Pin(Pin.Kind.BLOB, complete.blob().get().digest()));
      }
      complete.publish(staging, layout);
      return StagedLayer.stored(layout.layer(key).orElseThrow());
    }
  }

  /** Whether another layer of this image is the same blob and brings it. */
  private boolean isBelow(int index, LayerBlob blob) {
    return source.layers().subList(0, index).stream()
        .anyMatch(other -> other.digest().equals(blob.digest()));
  }

  @SuppressWarnings("try") // The lock is held, not used.
  private boolean isThere(StoredLayer layer, LayerBlob blob) throws IOException {
    if (blob.digest().isEmpty()) {
      return true; // Nobody names it: whatever the store has for this layer will do.
    }
    try (StoreLock lock = StoreLock.shared(layout)) {
      Digest digest = blob.digest().get();
      staging.pin(new Pin(Pin.Kind.BLOB, digest));
      return new BlobStore(layout).canOpen(digest, layer);
    }
  }

  private String describe(int index, LayerBlob blob) {
    return String.format(
        "%s: layer %d of %d (%s)",
        source.name(), index + 1, source.layers().size(), blob.digest().orElse(blob.diffId()));
  }

  /** The layer if the store has it, or if it stands further down in this image. */
  private Optional<StagedLayer> known(int index, Digest chainId)
      throws IOException, InterruptedException {
    Digest diffId = source.layers().get(index).diffId();
    for (Digest id : List.of(chainId, diffId)) {
      Optional<StoredLayer> stored = pinned(StoreLayout.key(id));
      if (stored.isPresent() && stored.get().diffId().equals(diffId)) {
        boolean dependent = stored.get().dependsOnParents();
        if (!dependent || id.equals(chainId)) {
          return Optional.of(StagedLayer.stored(stored.get()));
        }
      }
    }
    for (int i = 0; i < index; i++) {
      if (source.layers().get(i).diffId().equals(diffId)) {
        StagedLayer same = await(i);
        return same.layer().dependsOnParents()
            ? Optional.empty()
            : Optional.of(StagedLayer.stored(same.layer()));
      }
    }
    return Optional.empty();
  }

  /** A layer that the store has, and has as long as this image is being unpacked. */
  @SuppressWarnings("try") // The lock is held, not used.
  private Optional<StoredLayer> pinned(Digest key) throws IOException {
    try (StoreLock lock = StoreLock.shared(layout)) {
      Optional<StoredLayer> layer = layout.layer(key);
      if (layer.isPresent()) {
        staging.pin(new Pin(Pin.Kind.LAYER, key));
      }
      return layer;
    }
  }

  private StagedLayer await(int index) throws IOException, InterruptedException {
    try {
      return result(index).get();
    } catch (ExecutionException e) {
      throw cause(e);
    }
  }

  private List<Lower> parents(int index) throws ImageException, InterruptedException {
    List<Lower> parents = new ArrayList<>();
    for (int i = index - 1; i >= 0; i--) {
      try {
        StoredLayer layer = result(i).get().layer();
        parents.add(new Lower(layer.tree(), layer.dialect()));
      } catch (ExecutionException e) {
        throw new ImageException(
            ImageException.Kind.INTERRUPTED, "a layer below could not be unpacked", e);
      }
    }
    return parents;
  }
}
