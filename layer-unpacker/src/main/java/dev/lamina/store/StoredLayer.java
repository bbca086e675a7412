package dev.lamina.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.layer.Dialect;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An unpacked layer.
 *
 * @param key its name in the store: the diffID, or the chainID where it holds for its parents only
 * @param tree its files, never to be changed
 * @param ownersRecorded whether owners and modes are in records, which an ordinary user unpacked
 * @param entries of the archive it was unpacked from
 * @param bytes of the uncompressed archive
 * @param dependsOnParents whether it is right on top of these layers only; its key is a chainID
 * @param rootDescribed whether it says what its root directory is like
 * @param blob what it was unpacked from, where that was kept then; it may be gone by now
 * @param treeDigest of its files when they were unpacked; empty in stores of format 1
 */
public record StoredLayer(
    Digest key,
    Digest diffId,
    Path tree,
    Dialect dialect,
    boolean ownersRecorded,
    long entries,
    long bytes,
    boolean dependsOnParents,
    boolean rootDescribed,
    Optional<Descriptor> blob,
    Optional<Digest> treeDigest) {
  /** Where the record is that rebuilds the uncompressed stream; need not exist. */
  Path streamRecord() {
    return tree.resolveSibling("stream.zst");
  }
}
