package dev.lamina.overlay.merge;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.format.Metacopy;
import dev.lamina.overlay.format.Redirect;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.LayerDir;

/**
 * The search for the data of a metacopy: down to the first file that is none itself. What is left
 * of an absolute path below the last layer may lie in the data-only ones, which are not looked at
 * before the data is asked for.
 */
final class DataWalk extends LowerWalk {
  private DataSource found;
  private boolean inLower;
  private boolean chained;

  /**
   * A search below a metacopy.
   *
   * @param inLower whether the metacopy is in a lower: only such a one leads to data-only layers
   */
  DataWalk(Resolver resolver, LayerDir[] parts, RedirectedPath path, boolean inLower) {
    super(resolver, parts, path);
    this.inLower = inLower;
  }

  /** Where the data is; null where nobody has it. After {@link #goOnBelow}. */
  DataSource found() {
    if (found == null && !stop && inLower && path.isAbsolute()) {
      return new DataSource.Unsought(path.components().toArray(byte[][]::new));
    }
    return found;
  }

  /** Whether there was another metacopy on the way. */
  boolean isChained() {
    return chained;
  }

  @Override
  void atEnd(LayerDir directory, int fd, byte[] bytes) throws ErrnoException {
    LayerFormat format = directory.layer().format();
    Name name = Name.of(bytes);
    if (!At.stat(fd, name, stat)) {
      stop |= format.hidesAbsent(fd, name);
      return;
    }
    if (format.isWhiteout(fd, name, stat) || !stat.isRegular()) {
      stop = true;
      return;
    }
    if (stat.size == 0 || !Metacopy.isMarked(fd, name, format.xattrs())) {
      found = new FileNode.Home(directory, bytes);
      stop = true;
      return;
    }
    inLower = true;
    chained = true;
    Redirect redirect = Redirect.read(fd, name, format.xattrs());
    if (redirect != null) {
      path = path.bent(1, redirect);
    }
  }
}
