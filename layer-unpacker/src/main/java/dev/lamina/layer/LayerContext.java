package dev.lamina.layer;

import dev.lamina.image.ImageException;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;

/** What every part of unpacking one layer shares. Belongs to the one thread that unpacks it. */
final class LayerContext {
  /** Gives the layers below, waiting for them if need be. */
  @FunctionalInterface
  interface Below {
    LowerLayers open() throws ImageException, ErrnoException, InterruptedException;
  }

  final Dialect dialect;

  /** Whether owners and devices can be made as the layer says: this process is root. */
  final boolean privileged;

  /** An empty directory for what is replaced, on the filesystem of the layer; owned. */
  final int trash;

  /** Whether the layer has had a whiteout so far. */
  boolean hasWhiteouts;

  /** Told of every file that is written. */
  final PayloadListener payloads;

  /** Of the files that were written. */
  final ContentChecksums contents = new ContentChecksums();

  final SkippedXattrs skipped = new SkippedXattrs();
  private final Below below;
  private LowerLayers lowers;
  private int trashed;

  LayerContext(
      Dialect dialect, boolean privileged, int trash, PayloadListener payloads, Below below) {
    this.dialect = dialect;
    this.privileged = privileged;
    this.trash = trash;
    this.payloads = payloads;
    this.below = below;
  }

  /** The layers below. From now on this layer's tree holds for these alone. */
  LowerLayers lowers() throws ImageException, ErrnoException, InterruptedException {
    if (lowers == null) {
      lowers = below.open();
    }
    return lowers;
  }

  /** Whether the tree depends on the layers below, so that no other image may share it. */
  boolean dependsOnParents() {
    return lowers != null;
  }

  /** A name in {@link #trash} that was never used. */
  Name trashName() {
    return Name.of(Integer.toString(trashed++));
  }

  void close() {
    Fd.close(trash);
    if (lowers != null) {
      lowers.close();
    }
  }
}
