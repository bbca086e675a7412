package dev.lamina.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.image.MediaTypes;
import dev.lamina.layer.Compression;
import dev.lamina.layer.LayerUnpacker;
import dev.lamina.layer.LayerUnpacker.Parents;
import dev.lamina.layer.RecordedStream;
import dev.lamina.layer.UnpackedLayer;
import dev.lamina.linux.At;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings single layers of a source into a staging directory, in one pass: read, verified, unpacked,
 * and either the blob kept as it came or a record of its stream made.
 *
 * <p>A blob that is not compressed is always recorded and never kept: tree and record give the same
 * bytes at a fraction of the space.
 */
final class LayerIntake {
  private static final Logger LOG = LoggerFactory.getLogger(LayerIntake.class);
  private static final String GZIP = MediaTypes.OCI_LAYER_GZIP;
  private static final String ZSTD = MediaTypes.OCI_LAYER + "+zstd";
  private static final int BUFFER = 1 << 16;

  private final ImageSource source;
  private final Staging staging;
  private final LayerUnpacker unpacker;
  private final BlobPolicy policy;
  private final ProgressListener progress;

  LayerIntake(
      ImageSource source,
      Staging staging,
      LayerUnpacker unpacker,
      BlobPolicy policy,
      ProgressListener progress) {
    this.source = source;
    this.staging = staging;
    this.unpacker = unpacker;
    this.policy = policy;
    this.progress = progress;
  }

  /** Unpacks a layer that the store does not have. */
  StagedLayer unpack(int index, LayerBlob blob, Digest chainId, Parents parents)
      throws IOException, InterruptedException {
    String name = "layer-" + index;
    Path directory = staging.directory(name);
    BufferedInputStream opened = new BufferedInputStream(source.openLayer(blob), BUFFER);
    Compression compression = compression(opened);
    boolean kept = policy != BlobPolicy.DROP && mediaType(blob, compression).isPresent();
    if (kept) {
      BlobCopy copy = BlobCopy.of(source, blob, opened, blobFile(index));
      UnpackedLayer unpacked = apply(blob, copy.stream(), directory, Optional.empty(), parents);
      return staged(name, blob, compression, chainId, unpacked, Optional.of(copy.digest()), index);
    }
    Path record = directory.resolve("stream.zst");
    UnpackedLayer unpacked =
        apply(blob, opened, directory, Optional.of(Files.newOutputStream(record)), parents);
    Optional<Digest> digest = Optional.empty();
    if (!RecordedStream.rebuilds(record, directory.resolve("diff"), blob.diffId())) {
      // An archive that has a file twice, say: only the last one is in the tree.
      LOG.info("layer {} cannot be rebuilt from its tree; its blob is kept", blob.diffId());
      Files.delete(record);
      // Read for the second time, which is nobody's progress.
      digest = Optional.of(keep(index, blob, more -> {}));
    }
    return staged(name, blob, compression, chainId, unpacked, digest, index);
  }

  private UnpackedLayer apply(
      LayerBlob blob,
      InputStream stored,
      Path directory,
      Optional<OutputStream> record,
      Parents parents)
      throws IOException, InterruptedException {
    int fd = At.openDirectory(At.FDCWD, Name.of(directory.toString()));
    try {
      return unpacker.unpack(
          blob, stored, fd, record, parents, more -> progress.advanced(blob, more));
    } finally {
      Fd.close(fd);
    }
  }

  private static Compression compression(BufferedInputStream opened) throws IOException {
    try {
      return Compression.of(opened);
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private StagedLayer staged(
      String name,
      LayerBlob blob,
      Compression compression,
      Digest chainId,
      UnpackedLayer unpacked,
      Optional<Digest> kept,
      int index)
      throws IOException {
    Descriptor descriptor = null;
    if (kept.isPresent()) {
      String mediaType = mediaType(blob, compression).orElse(MediaTypes.OCI_LAYER);
      descriptor = Descriptor.of(mediaType, kept.get(), Files.size(blobFile(index)));
    }
    StoreRecords.Layer record =
        new StoreRecords.Layer(
            blob.diffId(),
            unpacked.dependsOnParents(),
            unpacked.dialect(),
            unpacked.rootDescribed(),
            unpacked.ownersRecorded(),
            unpacked.entries(),
            unpacked.bytes(),
            descriptor,
            unpacked.treeDigest());
    Digest key = StoreLayout.key(unpacked.dependsOnParents() ? chainId : blob.diffId());
    Path directory = staging.path().resolve(name);
    StoreRecords.write(directory.resolve("layer.json"), record);
    return new StagedLayer(
        StoreLayout.stored(key, directory, record),
        Optional.of(name),
        kept.map(digest -> new StagedLayer.Blob(blobFile(index).getFileName().toString(), digest)));
  }

  /**
   * Of a blob that is worth keeping: as the source says, or by the content where it has no manifest
   * to say it in. OCI has no type for xz and bzip2, so a manifest made here could not name those.
   */
  private static Optional<String> mediaType(LayerBlob blob, Compression compression) {
    return switch (compression) {
      case NONE -> Optional.empty();
      case ZSTD -> Optional.of(blob.digest().isPresent() ? blob.mediaType() : ZSTD);
      case GZIP -> Optional.of(blob.digest().isPresent() ? blob.mediaType() : GZIP);
      case XZ, BZIP2 -> blob.digest().map(digest -> blob.mediaType());
    };
  }

  /** Reads, verifies and keeps the blob of a layer whose tree the store has. */
  StagedLayer fetch(int index, LayerBlob blob, StagedLayer known) throws IOException {
    Digest digest = keep(index, blob, more -> progress.advanced(blob, more));
    String file = blobFile(index).getFileName().toString();
    return new StagedLayer(
        known.layer(), known.staged(), Optional.of(new StagedLayer.Blob(file, digest)));
  }

  private Digest keep(int index, LayerBlob blob, LongConsumer told) throws IOException {
    BlobCopy copy = BlobCopy.of(source, blob, source.openLayer(blob), blobFile(index));
    unpacker.check(blob, copy.stream(), told);
    return copy.digest();
  }

  private Path blobFile(int index) {
    return staging.path().resolve("blob-" + index);
  }
}
