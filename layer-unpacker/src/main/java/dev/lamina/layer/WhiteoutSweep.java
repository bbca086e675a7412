package dev.lamina.layer;

import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Deletes the whiteouts in a directory that has become opaque: they hide nothing any more, and
 * kernel overlayfs lists whiteouts in directories that it does not merge (Linux 6.18).
 */
final class WhiteoutSweep {
  private final LayerContext context;
  private final DirectoryCache cache;
  private final DirectoryReader reader = new DirectoryReader();
  private final Stat stat = new Stat();

  WhiteoutSweep(LayerContext context, DirectoryCache cache) {
    this.context = context;
    this.cache = cache;
  }

  /** Goes through the tree at {@code top}, in which there is nothing but real directories. */
  void sweep(LayerPath top) throws ErrnoException {
    if (context.dialect == Dialect.AUFS) {
      // A whiteout file is never listed.
      return;
    }
    Deque<LayerPath> pending = new ArrayDeque<>();
    pending.push(top);
    while (!pending.isEmpty()) {
      OpenDirectory directory = cache.reopen(pending.pop());
      Fd.seek(directory.fd(), 0, Fd.SEEK_SET);
      reader.reset(directory.fd());
      while (reader.next()) {
        Name name = reader.name();
        if (At.stat(directory.fd(), name, stat)) {
          if (stat.isDirectory()) {
            pending.push(directory.path().child(name.toBytes()));
          } else if (context.dialect.isWhiteout(stat)) {
            At.unlink(directory.fd(), name);
          }
        }
      }
    }
  }
}
