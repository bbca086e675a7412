package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Where things are in a store (docs/on-disk.md). All names are digests that were checked. */
record StoreLayout(Path root) {
  static final String SHA256 = "sha256";
  private static final String SHA512 = "sha512";
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  /** What may be in a root before there is a store in it. */
  private static final Set<String> OWN =
      Set.of("blobs", "layers", "images", "names", "containers", "tmp", "lock", "snapshotter");

  private static final String NEW_FILESYSTEM = "lost+found";
  private static final String FORMAT = "store.json";

  /**
   * Creates what is missing. Only the owner can enter: setuid programs and devices of images must
   * not be within reach of the host's users. A directory of something else is left as it is.
   * Nothing is written where nothing is missing, so that a store on a read-only filesystem opens.
   */
  static StoreLayout create(Path root) throws IOException {
    StoreLayout layout = new StoreLayout(root);
    Files.createDirectories(root);
    Path format = root.resolve(FORMAT);
    if (!Files.exists(format)) {
      requireFree(root);
    }
    if (!Files.getPosixFilePermissions(root).equals(PRIVATE)) {
      Files.setPosixFilePermissions(root, PRIVATE);
    }
    for (Path directory :
        new Path[] {
          layout.layers(),
          layout.images(),
          layout.names(),
          layout.containers(),
          layout.tmp(),
          layout.blobs(SHA256),
          layout.blobs(SHA512)
        }) {
      Files.createDirectories(directory);
    }
    if (!Files.exists(format)) {
      layout.writeFormat(format);
    }
    int found = StoreRecords.read(format, StoreRecords.Format.class).format();
    if (found < StoreRecords.Format.OLDEST || found > StoreRecords.Format.CURRENT) {
      throw new ImageException(
          ImageException.Kind.UNSUPPORTED,
          String.format(
              "%s is a store of format %d; this program knows formats %d to %d",
              root, found, StoreRecords.Format.OLDEST, StoreRecords.Format.CURRENT));
    }
    if (found < StoreRecords.Format.CURRENT) {
      // Programs that do not know of the lock must not publish into it from now on.
      layout.writeFormat(format);
    }
    return layout;
  }

  /**
   * A store would close it to everybody else, and fill it. One that another process has made since
   * we looked is not in the way.
   */
  static void requireFree(Path root) throws IOException {
    try (Stream<Path> entries = Files.list(root)) {
      Optional<String> foreign =
          entries
              .map(entry -> entry.getFileName().toString())
              .filter(name -> !OWN.contains(name))
              .filter(name -> !name.equals(NEW_FILESYSTEM) && !name.equals(FORMAT))
              .findFirst();
      if (foreign.isPresent()) {
        throw new ImageException(
            ImageException.Kind.HOST,
            root + " holds something else than a store: " + Json.printable(foreign.get()));
      }
    }
  }

  /** The name of a layer's directory, for its diffID or chainID. */
  static Digest key(Digest id) {
    return id.algorithm().equals(SHA256)
        ? id
        : Digest.sha256(id.toString().getBytes(StandardCharsets.US_ASCII));
  }

  private void writeFormat(Path format) throws IOException {
    try (Staging staging = Staging.create(tmp())) {
      String name = format.getFileName().toString();
      StoreRecords.write(
          staging.path().resolve(name), new StoreRecords.Format(StoreRecords.Format.CURRENT));
      staging.replace(name, root, name);
    }
  }

  Path layers() {
    return root.resolve("layers/sha256");
  }

  Path images() {
    return root.resolve("images/sha256");
  }

  Path names() {
    return root.resolve("names");
  }

  /** Blobs by the algorithm of their digests. */
  Path blobs(String algorithm) {
    return root.resolve("blobs").resolve(algorithm);
  }

  Path blob(Digest digest) {
    return blobs(digest.algorithm()).resolve(digest.hex());
  }

  Path image(Digest id) {
    return images().resolve(id.hex());
  }

  Path lock() {
    return root.resolve("lock");
  }

  Path containers() {
    return root.resolve("containers");
  }

  Path tmp() {
    return root.resolve("tmp");
  }

  /** The layer of that key, if the store has it. */
  Optional<StoredLayer> layer(Digest key) throws IOException {
    Path directory = layers().resolve(key.hex());
    Path record = directory.resolve("layer.json");
    return Files.exists(record)
        ? Optional.of(stored(key, directory, StoreRecords.read(record, StoreRecords.Layer.class)))
        : Optional.empty();
  }

  /**
   * The entries of a directory whose names are digests, in order; others do not count. None where
   * it is missing.
   */
  static List<Digest> digests(Path directory, String algorithm) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .sorted()
          .flatMap(hex -> Digest.tryParse(algorithm + ":" + hex).stream())
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** All blobs that are kept. */
  List<Digest> blobs() throws IOException {
    List<Digest> blobs = new ArrayList<>(digests(blobs(SHA256), SHA256));
    blobs.addAll(digests(blobs(SHA512), SHA512));
    return blobs;
  }

  /** Keys of all layers. */
  List<Digest> layerKeys() throws IOException {
    return digests(layers(), SHA256);
  }

  static StoredLayer stored(Digest key, Path directory, StoreRecords.Layer record) {
    return new StoredLayer(
        key,
        record.diffId(),
        directory.resolve("diff"),
        record.dialect(),
        record.ownersRecorded(),
        record.entries(),
        record.bytes(),
        record.dependsOnParents(),
        record.rootDescribed(),
        Optional.ofNullable(record.blob()),
        Optional.ofNullable(record.treeDigest()));
  }
}
