package dev.lamina.inspect.layers;

import dev.lamina.overlay.Change;

/**
 * One of the largest things that a layer did.
 *
 * @param path absolute, bytes; not to be changed
 * @param bytes that the layer has for it, or, deleted, that the layers below have
 */
@SuppressWarnings("ArrayRecordComponent")
public record NotableChange(Change.Kind kind, byte[] path, long bytes) {}
