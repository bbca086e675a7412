package dev.lamina.layer;

import dev.lamina.image.Digest;

/**
 * What unpacking a layer found out about it.
 *
 * @param dependsOnParents whether the tree is right on top of these layers only
 * @param rootDescribed whether the layer itself says what its root directory is like
 * @param ownersRecorded whether owners and modes are in records, see {@link Attributes}
 * @param entries of the archive
 * @param bytes of the uncompressed archive
 * @param treeDigest {@link TreeDigest} of the tree
 */
public record UnpackedLayer(
    Dialect dialect,
    boolean dependsOnParents,
    boolean rootDescribed,
    boolean ownersRecorded,
    long entries,
    long bytes,
    Digest treeDigest) {}
