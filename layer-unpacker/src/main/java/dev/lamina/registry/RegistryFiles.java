package dev.lamina.registry;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageFiles;
import dev.lamina.image.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * The blobs of an image in a registry, as the files of a layout. They are read while they are
 * downloaded; several layers may be at once.
 */
final class RegistryFiles implements ImageFiles {
  /**
   * Downloads wait for each other more than for this host: as many as skopeo has by default, or so.
   */
  private static final int DOWNLOADS = 4;

  private static final String BLOBS = "blobs/";

  private final String name;
  private final List<Repository> places;
  private final Repository.Document top;

  /**
   * Blobs of any of {@code places}.
   *
   * @param places in the order in which they are asked; the first has the image
   * @param top the manifest or index that was asked for
   */
  RegistryFiles(String name, List<Repository> places, Repository.Document top) {
    this.name = name;
    this.places = List.copyOf(places);
    this.top = top;
  }

  @Override
  public byte[] document(Descriptor descriptor) throws IOException {
    Digest digest = descriptor.digest();
    if (digest.equals(top.descriptor().digest())) {
      return top.content();
    }
    ImageException first = null;
    for (Repository place : places) {
      try {
        return MediaTypes.isManifestOrIndex(descriptor.mediaType())
            ? place.manifest(digest.toString()).content()
            : place.document(digest);
      } catch (ImageException e) {
        if (e.kind() == ImageException.Kind.INTERRUPTED) {
          throw e;
        }
        first = first == null ? e : first;
      }
    }
    throw first;
  }

  @Override
  public InputStream open(String path) throws IOException {
    return RemoteBlob.open(places, Digest.parse(path.substring(BLOBS.length()).replace('/', ':')));
  }

  /** As the descriptor says: the server would have to be asked for each. */
  @Override
  public long size(Descriptor descriptor) {
    return descriptor.size();
  }

  @Override
  public long size(String path) {
    throw new UnsupportedOperationException("a registry has blobs alone: " + path);
  }

  @Override
  public int parallelism() {
    return DOWNLOADS;
  }

  @Override
  public boolean isDistant() {
    return true;
  }

  @Override
  public String name() {
    return name;
  }

  /** Connections are the client's, and it lets them go when they are idle. */
  @Override
  public void close() {}
}
