package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.layer.Dialect;
import java.nio.file.Path;

/**
 * An unpacked layer.
 *
 * @param key its name in the store: the diffID, or the chainID where it holds for its parents only
 * @param tree its files, never to be changed
 * @param ownersRecorded whether owners and modes are in records, which an ordinary user unpacked
 * @param entries of the archive it was unpacked from
 * @param bytes of the uncompressed archive
 */
public record StoredLayer(
    Digest key,
    Digest diffId,
    Path tree,
    Dialect dialect,
    boolean ownersRecorded,
    long entries,
    long bytes) {}
