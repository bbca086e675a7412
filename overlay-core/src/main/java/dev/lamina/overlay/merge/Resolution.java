package dev.lamina.overlay.merge;

import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.Redirect;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.LayerDir;
import java.util.Arrays;

/**
 * What a name stands for across the layers. Reused from one {@link Resolver#resolve} to the next;
 * one thread at a time.
 */
public final class Resolution {
  /** The topmost object, which gives the attributes; owner and mode as its layer records them. */
  public final Stat stat = new Stat();

  /**
   * The topmost object's type in its layer: that of a stand-in, where {@link #stat} has another.
   */
  int realType;

  /** Attributes of what lies below the topmost object: only its type counts. */
  final Stat below = new Stat();

  /** Of the directory found last: where to look for it further down; null where it has none. */
  Redirect redirect;

  /** Of a metacopy: where to look for its data; null for all else. */
  RedirectedPath dataPath;

  /** Where a metacopy's data is; null for what has its own. */
  DataSource data;

  /** Whether a whiteout or a mark ended the search. */
  private boolean hidden;

  private LayerDir[] parts = new LayerDir[4];
  private int count;
  private LayerDir holder;
  private byte[] name;

  /** What the merged tree calls the second part: the topmost lower's, where the upper is first. */
  private long secondIno;

  void clear() {
    count = 0;
    holder = null;
    name = null;
    redirect = null;
    dataPath = null;
    data = null;
    hidden = false;
  }

  void setHidden() {
    hidden = true;
  }

  /** Of a name that stands for nothing: whether a layer says so by a whiteout or a mark. */
  public boolean isHidden() {
    return hidden;
  }

  /** The bytes of the name that is being resolved: one array for all that keep it. */
  public byte[] nameOf(Name resolved) {
    if (name == null) {
      name = resolved.toBytes();
    }
    return name;
  }

  /** Adds a directory, whose inode number in its layer is {@code ino}. */
  void addPart(LayerDir part, long ino) {
    if (count == parts.length) {
      parts = Arrays.copyOf(parts, count * 2);
    }
    if (count == 1) {
      secondIno = part.layer().ino(ino);
    }
    parts[count++] = part;
  }

  void setHolder(LayerDir directory) {
    holder = directory;
  }

  boolean hasParts() {
    return count > 0;
  }

  /** The layer directory that holds the topmost object, or null where the name is absent. */
  public LayerDir holder() {
    return holder;
  }

  /**
   * Inode number in the merged tree. A merged directory keeps that of its topmost lower, which it
   * had before it was promoted; a file that was promoted has an origin, which is not looked at
   * here.
   */
  public long ino() {
    boolean merged = count > 1 && holder.layer().upper();
    return merged ? secondIno : holder.layer().ino(stat.ino);
  }

  /** Where the data of a file lies, {@code own} unless it is a metacopy. */
  public DataSource dataOr(DataSource own) {
    return data == null ? own : data;
  }

  /** The type that the object has on disk, which an owner record may show as another. */
  public int realType() {
    return realType;
  }

  /** For a directory: the directories that make it up, topmost first; a fresh array. */
  public LayerDir[] parts() {
    return Arrays.copyOf(parts, count);
  }
}
