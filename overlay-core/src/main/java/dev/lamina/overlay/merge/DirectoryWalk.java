package dev.lamina.overlay.merge;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.overlay.node.LayerDir;

/** The search for directories to merge with, once a redirect was met. */
final class DirectoryWalk extends LowerWalk {
  private final Resolution out;

  DirectoryWalk(Resolver resolver, LayerDir[] parts, RedirectedPath path, Resolution out) {
    super(resolver, parts, path);
    this.out = out;
  }

  @Override
  void atEnd(LayerDir directory, int fd, byte[] name) throws ErrnoException {
    if (enter(directory, fd, Name.of(name), 1)) {
      out.addPart(directory.child(name), stat.ino);
    }
  }
}
