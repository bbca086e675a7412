package dev.lamina.store;

import com.google.common.io.ByteStreams;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.layer.RecordedStream;
import dev.lamina.layer.TreeDigest;
import dev.lamina.layer.UnpackLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads everything that a store has and compares it with what it should be: blobs with their names,
 * layers with the digest of their trees at unpacking, images with their ids and their parts. Each
 * thing is pinned while it is read, so others may use the store meanwhile.
 */
final class StoreVerifier {
  private static final String UNPACK_AGAIN = "unpack the image again";

  private final StoreLayout layout;
  private final ImageRecords records;
  private final Optional<LayerRepair> repair;
  private final Consumer<String> progress;
  private final List<Finding> findings = new ArrayList<>();
  private int blobs;
  private int layers;
  private int unchecked;

  /**
   * Checks one store.
   *
   * @param users given where what is wrong is to be repaired
   * @param progress told what is looked at next
   */
  StoreVerifier(
      StoreLayout layout,
      ImageRecords records,
      UnpackLimits limits,
      Optional<ImageUsers> users,
      Consumer<String> progress) {
    this.layout = layout;
    this.records = records;
    this.repair = users.map(given -> new LayerRepair(layout, records, limits, given));
    this.progress = progress;
  }

  /** See {@link ImageStore#verify}. */
  Verification run() throws IOException {
    for (Digest blob : layout.blobs()) {
      requireGoingOn();
      progress.accept("blob " + blob);
      checkBlob(blob);
    }
    for (Digest key : layout.layerKeys()) {
      requireGoingOn();
      progress.accept("layer " + key);
      checkLayer(key);
    }
    for (Digest image : records.ids()) {
      checkImage(image);
    }
    checkNames();
    return new Verification(blobs, layers, unchecked, List.copyOf(findings));
  }

  private static void requireGoingOn() throws ImageException {
    if (Thread.currentThread().isInterrupted()) {
      throw new ImageException(ImageException.Kind.INTERRUPTED, "interrupted");
    }
  }

  @SuppressWarnings("try") // The lock is held, not used.
  private void checkBlob(Digest blob) throws IOException {
    try (Staging staging = Staging.create(layout.tmp())) {
      if (!pin(staging, new Pin(Pin.Kind.BLOB, blob), layout.blob(blob))) {
        return;
      }
      blobs++;
      if (isIntact(layout.blob(blob), blob)) {
        return;
      }
      String problem = "its content has another digest";
      if (repair.isEmpty()) {
        findings.add(Finding.open(Garbage.Kind.BLOB, blob, problem, "--repair removes it"));
        return;
      }
      // Nothing here can make a compressed blob again.
      try (StoreLock lock = StoreLock.exclusive(layout)) {
        Durable.move(layout.blob(blob), staging.path().resolve("damaged"));
        Durable.sync(layout.blob(blob).getParent());
      }
      findings.add(
          Finding.repaired(
              Garbage.Kind.BLOB, blob, problem, "removed; to have it, " + UNPACK_AGAIN));
    }
  }

  /** Whether a file has that digest. */
  static boolean isIntact(Path file, Digest digest) throws IOException {
    MessageDigest computation = digest.newComputation();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), computation)) {
      ByteStreams.exhaust(in);
    }
    return digest.matches(computation);
  }

  private void checkLayer(Digest key) throws IOException {
    try (Staging staging = Staging.create(layout.tmp())) {
      if (!pin(staging, new Pin(Pin.Kind.LAYER, key), layout.layers().resolve(key.hex()))) {
        return;
      }
      Optional<StoredLayer> layer = layout.layer(key);
      if (layer.isEmpty()) {
        findings.add(Finding.open(Garbage.Kind.LAYER, key, "it has no record", UNPACK_AGAIN));
        return;
      }
      layers++;
      if (layer.get().treeDigest().isEmpty()) {
        unchecked++;
        return;
      }
      if (!isIntact(layer.get())) {
        String problem = "its files are not those that were unpacked";
        findings.add(
            repair.isPresent()
                ? repair.get().run(layer.get(), problem, staging)
                : Finding.open(Garbage.Kind.LAYER, key, problem, "try --repair"));
      } else if (Files.exists(layer.get().streamRecord())) {
        checkRecord(layer.get());
      }
    }
  }

  static boolean isIntact(StoredLayer layer) throws IOException {
    return TreeDigest.of(layer.tree()).equals(layer.treeDigest().orElseThrow());
  }

  private void checkRecord(StoredLayer layer) {
    boolean good;
    try {
      good = RecordedStream.rebuilds(layer.streamRecord(), layer.tree(), layer.diffId());
    } catch (IOException e) {
      good = false;
    }
    if (!good) {
      findings.add(
          Finding.open(
              Garbage.Kind.LAYER,
              layer.key(),
              "the record of its stream is damaged",
              "the layer itself is good; to copy the image, " + UNPACK_AGAIN));
    }
  }

  @SuppressWarnings("try") // The lock is held, not used.
  private void checkImage(Digest id) throws IOException {
    try (StoreLock lock = StoreLock.shared(layout)) {
      Optional<StoreRecords.Image> record = records.record(id);
      if (record.isEmpty()) {
        return; // Taken away in the meantime.
      }
      Path config = layout.image(id).resolve(ImageRecords.CONFIG);
      if (!isIntact(config, id)) {
        findings.add(
            Finding.open(Garbage.Kind.IMAGE, id, "its configuration is damaged", UNPACK_AGAIN));
      }
      for (Digest manifest : records.manifests(id)) {
        if (!Digest.sha256(records.manifest(id, manifest).bytes()).equals(manifest)) {
          findings.add(
              Finding.open(
                  Garbage.Kind.IMAGE, id, "manifest " + manifest + " is damaged", UNPACK_AGAIN));
        }
      }
      for (Digest key : record.get().layers()) {
        if (layout.layer(key).isEmpty()) {
          findings.add(
              Finding.open(Garbage.Kind.IMAGE, id, "layer " + key + " is missing", UNPACK_AGAIN));
        }
      }
    }
  }

  @SuppressWarnings("try") // The lock is held, not used.
  private void checkNames() throws IOException {
    try (StoreLock lock = StoreLock.shared(layout)) {
      new NameIndex(layout)
          .all()
          .forEach(
              (name, meaning) -> {
                if (!Files.exists(layout.image(meaning.image()))) {
                  findings.add(
                      Finding.open(
                          Garbage.Kind.IMAGE,
                          meaning.image(),
                          "it is missing, but " + name + " means it",
                          UNPACK_AGAIN));
                }
              });
    }
  }

  /** False where somebody was faster and has taken it away. */
  @SuppressWarnings("try") // The lock is held, not used.
  private boolean pin(Staging staging, Pin pin, Path place) throws IOException {
    try (StoreLock lock = StoreLock.shared(layout)) {
      staging.pin(pin);
      return Files.exists(place);
    }
  }
}
