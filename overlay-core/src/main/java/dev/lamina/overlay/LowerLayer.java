package dev.lamina.overlay;

import dev.lamina.overlay.owner.OwnerRecords;
import java.nio.file.Path;

/**
 * A read-only layer of a stack.
 *
 * @param path its root directory on this host; symbolic links in it are followed
 * @param marks which marks it may hold
 * @param owners where its objects say whose they are
 */
public record LowerLayer(Path path, Marks marks, OwnerRecords owners) {
  /** A layer whose objects have their owners themselves. */
  public LowerLayer(Path path, Marks marks) {
    this(path, marks, OwnerRecords.NONE);
  }

  /** Which marks a layer's deletions may be written in. */
  public enum Marks {
    /** Kernel overlayfs's only: what Lamina's own store holds. {@code .wh.x} is a plain name. */
    KERNEL,

    /** Also AUFS's {@code .wh.NAME} and fuse-overlayfs's: what other tools unpacked. */
    ANY
  }
}
