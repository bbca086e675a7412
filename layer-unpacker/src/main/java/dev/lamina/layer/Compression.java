package dev.lamina.layer;

import com.github.luben.zstd.ZstdInputStream;
import dev.lamina.image.ImageException;
import dev.lamina.linux.GzipInflater;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * How a layer's stream is compressed, told by its first bytes: media types lie in the wild, and a
 * docker-archive states none.
 */
public enum Compression {
  GZIP("1f8b"),
  /** A frame, or one of those that are to be skipped, as zstd:chunked and pzstd have them. */
  ZSTD("28b52ffd|5[0-9a-f]2a4d18"),
  XZ("fd377a585a00"),
  /** With the mark of a block, or of the end: a tar may begin with the name "BZh...". */
  BZIP2("425a683[1-9](314159265359|177245385090)"),
  NONE("");

  private static final int MAGIC_LIMIT = 10;
  private static final int BUFFER = 1 << 16;

  /** Windows up to 128 MiB, which {@code zstd} itself accepts without being asked. */
  private static final int ZSTD_WINDOW_LOG = 27;

  private static final int XZ_MEMORY_KIB = 128 << 10;

  private final Pattern magic;

  /** First bytes in hexadecimal, as a regular expression. */
  Compression(String magic) {
    this.magic = Pattern.compile(magic);
  }

  /**
   * The uncompressed stream of {@code blob}. All members or frames of it count; what follows the
   * last one and is none is an error. Closing it closes {@code blob}.
   */
  public static InputStream decompress(InputStream blob) throws IOException {
    BufferedInputStream in = new BufferedInputStream(blob, BUFFER);
    Compression compression = of(in);
    return compression == GZIP && GzipInflater.isAvailable()
        ? new FastGzipStream(in)
        : compression.open(in);
  }

  /** As {@link #decompress}, without {@code dev.lamina.linux}: on any operating system. */
  static InputStream decompressAnywhere(InputStream blob) throws IOException {
    BufferedInputStream in = new BufferedInputStream(blob, BUFFER);
    return of(in).open(in);
  }

  /** How the blob that begins at {@code in}'s position is compressed; the position stays. */
  public static Compression of(BufferedInputStream in) throws IOException {
    in.mark(MAGIC_LIMIT);
    byte[] start = in.readNBytes(MAGIC_LIMIT);
    in.reset();
    return detect(start);
  }

  private static Compression detect(byte[] start) {
    String hex = HexFormat.of().formatHex(start);
    return Arrays.stream(values())
        .filter(compression -> compression.magic.matcher(hex).lookingAt())
        .findFirst()
        .orElse(NONE);
  }

  private InputStream open(InputStream in) throws IOException {
    return switch (this) {
      case GZIP -> gzip(in);
      case ZSTD -> new ZstdInputStream(in).setLongMax(ZSTD_WINDOW_LOG);
      case XZ -> new XZInputStream(in, XZ_MEMORY_KIB);
      case BZIP2 -> new BZip2CompressorInputStream(in, true);
      case NONE -> in;
    };
  }

  /** Without ISA-L. */
  static InputStream gzip(InputStream in) throws IOException {
    return GzipCompressorInputStream.builder()
        .setInputStream(in)
        .setBufferSize(BUFFER)
        .setDecompressConcatenated(true)
        .get();
  }

  /** An error of a decompressor, in one line. */
  static ImageException broken(Exception e) {
    String detail = e.getMessage() == null ? "" : ": " + e.getMessage();
    return new ImageException(
        ImageException.Kind.MALFORMED, "the compressed stream is broken or truncated" + detail, e);
  }
}
