package dev.lamina.benchmarks;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The layers and files that the workloads use: those of an image, or made ones like a small
 * distribution's, under one more lower layer with what no image has. Made with a fixed seed, so two
 * hosts measure the same.
 */
final class BenchmarkData {
  private static final int SEED = 20_261_121;
  private static final int BASE_LAYERS = 5;
  private static final int FILES_OF_LAYER = 3000;
  private static final int FILES_OF_DIRECTORY = 20;
  private static final int MEDIAN_SIZE = 6000;
  private static final int OWNED_FILES = 1500;
  private static final int REPOSITORY_FILES = 20_000;
  private static final int ARCHIVE_FILES = 8700;
  private static final int DOOMED_FILES = 5000;
  private static final int PACKAGE_FILES = 2000;
  private static final int DATABASE_ROWS_OF_MIB = 900;

  private final Path directory;
  private final Scale scale;
  private final boolean ofImage;
  private final List<Path> lowers;
  private final Path extra;
  private final Random random = new Random(SEED);

  private BenchmarkData(Path directory, Scale scale, List<Path> image) throws IOException {
    this.directory = directory;
    this.scale = scale;
    this.ofImage = !image.isEmpty();
    this.extra = Files.createDirectories(directory.resolve("extra"));
    this.lowers = new ArrayList<>();
    lowers.add(extra);
    lowers.addAll(image);
  }

  /**
   * Makes what is needed, in {@code directory}.
   *
   * @param image the layers of an image, topmost first; none where layers are to be made
   */
  static BenchmarkData make(Path directory, Scale scale, List<Path> image)
      throws IOException, InterruptedException {
    BenchmarkData data = new BenchmarkData(directory, scale, image);
    data.make();
    Scratch.settle(directory);
    return data;
  }

  private void make() throws IOException, InterruptedException {
    if (!ofImage) {
      for (int i = 0; i < BASE_LAYERS; i++) {
        Path layer = directory.resolve("base" + i);
        // Each layer has most of its names to itself, and some of the next one's.
        files(layer.resolve("base"), i * count(FILES_OF_LAYER) * 9 / 10, count(FILES_OF_LAYER));
        lowers.add(layer);
      }
    }
    try (OutputStream big =
        new BufferedOutputStream(Files.newOutputStream(extra.resolve(bigFile())))) {
      fill(big, bigSize());
    }
    files(extra.resolve(owned()), 0, count(OWNED_FILES));
    files(extra.resolve(movable()), 0, FILES_OF_DIRECTORY);
    files(extra.resolve(doomed()), 0, count(DOOMED_FILES));
    Path archived = directory.resolve("archived");
    files(archived, 0, count(ARCHIVE_FILES));
    Programs.sh("tar -cf \"$1\" -C \"$2\" . && rm -r \"$2\"", archive(), archived);
    if (hasRepository()) {
      files(extra.resolve(repository()), 0, count(REPOSITORY_FILES));
      Programs.sh(
          "cd \"$1\" && git init -q && git add . && git -c user.name=bench -c user.email=bench@localhost"
              + " commit -q -m made",
          extra.resolve(repository()));
    }
    if (hasDatabase()) {
      makeDatabase();
    }
    if (hasPackage()) {
      makePackage();
    }
  }

  private void files(Path into, int first, int count) throws IOException {
    for (int i = first; i < first + count; i++) {
      Path parent = into.resolve("d" + i / FILES_OF_DIRECTORY);
      if (i % FILES_OF_DIRECTORY == 0 || i == first) {
        Files.createDirectories(parent);
      }
      // Log-normal, as the sizes of a distribution's files are.
      long size = Math.min(2L << 20, (long) (MEDIAN_SIZE * Math.exp(1.5 * random.nextGaussian())));
      try (OutputStream file = Files.newOutputStream(parent.resolve("f" + i))) {
        fill(file, size);
      }
    }
  }

  private void fill(OutputStream out, long size) throws IOException {
    byte[] bytes = new byte[(int) Math.min(size, 1 << 16)];
    for (long left = size; left > 0; left -= bytes.length) {
      random.nextBytes(bytes);
      out.write(bytes, 0, (int) Math.min(left, bytes.length));
    }
  }

  private void makeDatabase() throws IOException, InterruptedException {
    long rows = (scale.databaseSize() >> 20) * DATABASE_ROWS_OF_MIB;
    Programs.sh(
        "sqlite3 \"$1\" \"$2\"",
        extra.resolve(database()),
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; CREATE TABLE t(k INTEGER, v BLOB);"
            + " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
            + rows
            + ") INSERT INTO t SELECT i * 7919 % 1000000007, zeroblob(1100) FROM n;"
            + " CREATE INDEX i ON t(k); PRAGMA journal_mode=DELETE;");
  }

  private void makePackage() throws IOException, InterruptedException {
    Path root = directory.resolve("package");
    files(root.resolve("opt/lamina-bench"), 0, count(PACKAGE_FILES));
    Files.createDirectories(root.resolve("DEBIAN"));
    Files.writeString(
        root.resolve("DEBIAN/control"),
        """
        Package: lamina-bench
        Version: 1
        Architecture: all
        Maintainer: nobody <nobody@localhost>
        Description: files to install
        """);
    Programs.sh("dpkg-deb -Znone -b \"$1\" \"$2\" && rm -r \"$1\"", root, debianPackage());
  }

  /** As {@link Scale#count}. */
  int count(int usual) {
    return scale.count(usual);
  }

  /** Topmost first. */
  List<Path> lowers() {
    return lowers;
  }

  /** What is walked. */
  String tree() {
    return ofImage ? "usr" : "base";
  }

  /** Of which all files are read. */
  String library() {
    return ofImage ? "usr/lib" : "base";
  }

  String oneFile() {
    return owned() + "/d0/f0";
  }

  String bigFile() {
    return "bench-big";
  }

  long bigSize() {
    return scale.bigSize();
  }

  long streamSize() {
    return 2 * scale.bigSize();
  }

  String owned() {
    return "bench-owned";
  }

  String movable() {
    return "bench-movable";
  }

  String doomed() {
    return "bench-doomed";
  }

  String repository() {
    return "bench-repository";
  }

  boolean hasRepository() {
    return Programs.isInstalled("git");
  }

  String database() {
    return "bench.db";
  }

  boolean hasDatabase() {
    return scale.databaseSize() > 0 && Programs.isInstalled("sqlite3");
  }

  Path debianPackage() {
    return directory.resolve("package.deb");
  }

  boolean hasPackage() {
    return inImage("usr/bin/dpkg") && Programs.isInstalled("dpkg-deb");
  }

  boolean hasPython() {
    return inImage("usr/bin/python3");
  }

  private boolean inImage(String path) {
    return ofImage && lowers.stream().anyMatch(layer -> Files.exists(layer.resolve(path)));
  }

  Path archive() {
    return directory.resolve("archive.tar");
  }

  int ownedFiles() {
    return count(OWNED_FILES);
  }

  int repositoryFiles() {
    return count(REPOSITORY_FILES);
  }

  int packageFiles() {
    return count(PACKAGE_FILES);
  }

  int archiveFiles() {
    return count(ARCHIVE_FILES);
  }
}
