package dev.lamina.layer;

/**
 * Bounds on one layer, against archives made to fill a host.
 *
 * @param entries of the archive
 * @param bytes of the uncompressed stream, and of any file with its holes
 * @param ratio of the uncompressed stream to the blob, where it is longer than {@link
 *     #UNSUSPICIOUS}
 * @param header bytes of an extended header: a long name, or the attributes of one file
 */
public record UnpackLimits(long entries, long bytes, long ratio, int header) {
  /** As much as Go's reader takes. */
  public static final int USUAL_HEADER = 1 << 20;

  /** Ten times what the largest images seen have, and ten times what gzip can give. */
  public static final UnpackLimits DEFAULT = new UnpackLimits(10_000_000, 1L << 40, 10_000);

  /** A stream of so many bytes is no bomb, whatever it comes from. */
  public static final long UNSUSPICIOUS = 256L << 20;

  /** Checks that there is room for anything. */
  public UnpackLimits {
    if (entries < 1 || bytes < 1 || ratio < 1 || header < 1) {
      throw new IllegalArgumentException("a limit below 1");
    }
  }

  /** With headers as large as usual. */
  public UnpackLimits(long entries, long bytes, long ratio) {
    this(entries, bytes, ratio, USUAL_HEADER);
  }

  /** Most bytes of the stream of a blob of {@code size} bytes. */
  long bytesOf(long size) {
    long byRatio = size > Long.MAX_VALUE / ratio ? Long.MAX_VALUE : size * ratio;
    return Math.min(bytes, Math.max(UNSUSPICIOUS, byRatio));
  }
}
