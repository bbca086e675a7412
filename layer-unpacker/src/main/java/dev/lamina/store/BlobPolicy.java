package dev.lamina.store;

/** Which blobs stay in the store when their layers have been unpacked. */
public enum BlobPolicy {
  /** All that the image's manifest names, also those of layers that were there without them. */
  KEEP,
  /** Those of layers that had to be read; nothing is read for its blob alone. */
  KEEP_NEW,
  /** None. Each layer that is read leaves a record that rebuilds its uncompressed stream. */
  DROP
}
