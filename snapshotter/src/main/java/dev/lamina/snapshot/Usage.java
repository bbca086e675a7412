package dev.lamina.snapshot;

/**
 * What a snapshot takes on disk, without its parents.
 *
 * @param size bytes of all its blocks
 * @param inodes its files, directories included
 */
public record Usage(long size, long inodes) {
  static final Usage NONE = new Usage(0, 0);
}
