package dev.lamina.registry;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.image.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Pushes one image: what the registry lacks of its blobs, some side by side, then the manifest, so
 * that the name never means an image that is not all there.
 */
final class ImagePush {
  private static final int UPLOADS = 4;

  /** Of so many repositories the registry is asked to take a blob, before it is sent. */
  private static final int MOUNTS_LIMIT = 3;

  private final ImageSource source;
  private final PushPlan plan;
  private final Repository repository;
  private final List<String> related;
  private final PushListener listener;

  /**
   * Prepares a push.
   *
   * @param related other repositories of the same registry that may have the layers
   */
  ImagePush(
      ImageSource source,
      PushPlan plan,
      Repository repository,
      List<String> related,
      PushListener listener) {
    this.source = source;
    this.plan = plan;
    this.repository = repository;
    this.related = related;
    this.listener = listener;
  }

  /** The image as it is, if between them source and registry have all of it; else complete. */
  static ImageSource readable(ImageSource source, Repository repository, List<String> related)
      throws IOException {
    for (LayerBlob layer : source.layers()) {
      if (!source.has(layer)
          && !MediaTypes.isForeign(layer.mediaType())
          && !hasOrTakes(repository, layer, related)) {
        return source.complete();
      }
    }
    return source;
  }

  private static boolean hasOrTakes(Repository repository, LayerBlob layer, List<String> related)
      throws IOException {
    Digest digest = layer.digest().orElseThrow();
    return repository.has(digest)
        || mounted(
                new BlobUpload(
                    repository,
                    new PushedBlob(digest, layer.size(), InputStream::nullInputStream, more -> {})),
                related)
            .isPresent();
  }

  private static Optional<String> mounted(BlobUpload upload, List<String> related)
      throws IOException {
    for (String from : related.subList(0, Math.min(MOUNTS_LIMIT, related.size()))) {
      if (upload.mountFrom(from)) {
        return Optional.of(from);
      }
    }
    return Optional.empty();
  }

  /** Pushes; the manifest's digest. When one blob fails, the others are stopped first. */
  Digest run(String identifier) throws IOException {
    listener.begun(source.layers());
    ExecutorService threads =
        Executors.newFixedThreadPool(
            UPLOADS, new ThreadFactoryBuilder().setNameFormat("push-%d").setDaemon(true).build());
    try {
      List<Future<?>> pushes = new ArrayList<>();
      Map<Digest, Integer> first = new HashMap<>();
      for (int i = 0; i < source.layers().size(); i++) {
        int index = i;
        Digest digest = plan.layer(i, bytes -> {}).digest();
        Callable<Void> push = () -> layer(index);
        if (MediaTypes.isForeign(source.layers().get(i).mediaType())) {
          push = () -> present(index, "not to be pushed");
        } else if (first.putIfAbsent(digest, i) != null) {
          push = () -> present(index, "the same as another");
        }
        pushes.add(threads.submit(push));
      }
      pushes.add(threads.submit(this::config));
      for (Future<?> push : pushes) {
        push.get();
      }
    } catch (InterruptedException e) {
      throw new ImageException(ImageException.Kind.INTERRUPTED, "interrupted", e);
    } catch (ExecutionException e) {
      throw cause(e);
    } finally {
      threads.shutdownNow();
      Uninterruptibles.awaitTerminationUninterruptibly(threads);
    }
    repository.putManifest(identifier, plan.mediaType(), plan.manifest());
    return Digest.sha256(plan.manifest());
  }

  private static IOException cause(ExecutionException e) {
    if (e.getCause() instanceof IOException io) {
      return io;
    }
    throw new IllegalStateException("pushing a blob failed", e.getCause());
  }

  private Void present(int index, String how) {
    listener.present(source.layers().get(index), how);
    return null;
  }

  private Void config() throws IOException {
    PushedBlob config = plan.config();
    if (!repository.has(config.digest())) {
      new BlobUpload(repository, config).run();
    }
    return null;
  }

  private Void layer(int index) throws IOException {
    LayerBlob layer = source.layers().get(index);
    PushedBlob blob = plan.layer(index, bytes -> listener.advanced(layer, bytes));
    if (repository.has(blob.digest())) {
      return present(index, "already in the registry");
    }
    BlobUpload upload = new BlobUpload(repository, blob);
    Optional<String> from = mounted(upload, related);
    if (from.isPresent()) {
      return present(index, "taken from " + from.get());
    }
    plan.verify(index);
    upload.run();
    listener.finished(layer);
    return null;
  }
}
