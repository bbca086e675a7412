package dev.lamina.image;

import java.util.Optional;

/**
 * A layer as a source offers it.
 *
 * @param path where the source keeps it
 * @param digest what the blob must hash to; empty where a source does not say (docker-archive)
 * @param size of the blob in bytes
 * @param diffId what the uncompressed stream must hash to
 */
public record LayerBlob(
    String path, String mediaType, Optional<Digest> digest, long size, Digest diffId) {}
