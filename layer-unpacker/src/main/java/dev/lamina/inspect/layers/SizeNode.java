package dev.lamina.inspect.layers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A directory or file of one layer, with what is below it: a node of the picture of where a layer's
 * bytes are. What is too small for the picture is in no child, so children may have less than their
 * parent.
 */
public final class SizeNode {
  private final byte[] name;
  private final long bytes;
  private final long files;
  private final boolean directory;
  private long shown;
  private final List<SizeNode> children = new ArrayList<>();

  SizeNode(byte[] name, long bytes, long files, boolean directory) {
    this.name = name;
    this.bytes = bytes;
    this.files = files;
    this.directory = directory;
  }

  /** The last component of its path, bytes; not to be changed. */
  public byte[] name() {
    return name;
  }

  /** Bytes of what is here and below. */
  public long bytes() {
    return bytes;
  }

  /** How many files it is or holds. */
  public long files() {
    return files;
  }

  /** Whether there may be something below. */
  public boolean isDirectory() {
    return directory;
  }

  /** Bytes of it that the image shows; the others are replaced or deleted further up. */
  public long shown() {
    return shown;
  }

  void addShown(long more) {
    shown += more;
  }

  void add(SizeNode child) {
    children.add(child);
  }

  /** The larger of what is in it, the largest first. */
  public List<SizeNode> children() {
    return Collections.unmodifiableList(children);
  }
}
