package dev.lamina.benchmarks.curve;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A file without holes. */
final class DataFile {
  private static final int PIECE = 1 << 20;
  private static final int SEED = 20_261_121;

  private DataFile() {}

  static void make(Path path, long size) throws IOException {
    byte[] piece = new byte[(int) Math.min(size, PIECE)];
    new Random(SEED).nextBytes(piece);
    try (OutputStream out = Files.newOutputStream(path)) {
      for (long left = size; left > 0; left -= piece.length) {
        out.write(piece, 0, (int) Math.min(left, piece.length));
      }
    }
  }
}
