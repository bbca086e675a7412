package dev.lamina.layer;

/**
 * Bounds on one layer, against archives made to fill a host.
 *
 * @param entries of the archive
 * @param bytes of the uncompressed stream, and of any file with its holes
 */
public record UnpackLimits(long entries, long bytes) {
  /** Ten times what the largest images seen have. */
  public static final UnpackLimits DEFAULT = new UnpackLimits(10_000_000, 1L << 40);
}
