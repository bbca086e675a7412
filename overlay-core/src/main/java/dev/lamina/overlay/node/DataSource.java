package dev.lamina.overlay.node;

/**
 * Where the data of a regular file is, which need not be where its owner, mode and times are: a
 * metacopy in the upper, or in a lower, has those alone. Every operation on data asks {@link
 * FileNode#data}; it moves in one direction only, up, and an open file notices by identity that it
 * did.
 *
 * <p>The kinds: a {@link FileNode.Home} is an object of a lower; {@link InUpper} is the upper's own
 * object; {@link Unsought} is a path in the data-only layers, which becomes a home when the data is
 * first asked for; {@link Partial} is on its way up, some blocks here and some there; {@link
 * Interrupted} was so in an earlier mount, and becomes partial again when it is first asked for.
 */
public sealed interface DataSource
    permits FileNode.Home,
        DataSource.InUpper,
        DataSource.Unsought,
        DataSource.Interrupted,
        DataSource.Partial {
  /** In the upper's object, at the node's links or behind its orphan. */
  InUpper UPPER = new InUpper(false);

  /**
   * As {@link #UPPER}, of an empty file that is still marked as a metacopy: nothing has to be
   * copied, but the mark goes before anything is written.
   */
  InUpper UPPER_MARKED = new InUpper(true);

  /** See {@link #UPPER} and {@link #UPPER_MARKED}, the only two. */
  final class InUpper implements DataSource {
    private final boolean marked;

    private InUpper(boolean marked) {
      this.marked = marked;
    }

    /** Whether the metacopy mark has to go before the data may change. */
    public boolean isMarked() {
      return marked;
    }
  }

  /** At {@code path}, name by name, in the first data-only layer that has a file there. */
  final class Unsought implements DataSource {
    private final byte[][] path;

    /** Takes {@code path} over. */
    public Unsought(byte[][] path) {
      this.path = path;
    }

    /** Names from a layer's root; not to be changed. */
    public byte[][] path() {
      return path;
    }
  }

  /**
   * Some blocks are in the upper's object and the rest is still below. Until all are up it can only
   * be read and written through this.
   */
  non-sealed interface Partial extends DataSource {}

  /** As {@link Partial} in an earlier mount; {@code below} is a home, or still unsought. */
  final class Interrupted implements DataSource {
    private final DataSource below;

    /** Of a file whose data would be {@code below} if nothing had come up yet. */
    public Interrupted(DataSource below) {
      this.below = below;
    }

    /** Where the blocks are that did not come up. */
    public DataSource below() {
      return below;
    }
  }
}
