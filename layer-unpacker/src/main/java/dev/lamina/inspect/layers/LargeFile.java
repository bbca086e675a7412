package dev.lamina.inspect.layers;

/**
 * A file that the image shows.
 *
 * @param path absolute, bytes; not to be changed
 * @param layer number of the layer that has it, from 1
 */
@SuppressWarnings("ArrayRecordComponent")
public record LargeFile(byte[] path, long bytes, int layer) {}
