package dev.lamina.overlay.index;

import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.OriginHandle;
import dev.lamina.overlay.node.Layer;
import dev.lamina.overlay.node.LowerInode;
import dev.lamina.overlay.origin.Origins;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Reads from an index which lower files were changed by one of their names: their other names,
 * which the upper does not have, show the change as well.
 */
public final class ChangedInodes {
  private static final String INDEX = "index";

  private ChangedInodes() {}

  /**
   * The lower inodes that the index in {@code work} has a changed copy of; none where there is no
   * index or this process may not open file handles. Nothing is written.
   */
  public static Set<LowerInode> of(Path work, Origins origins) throws ErrnoException {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    int fd;
    try {
      fd = At.openHostPath(Name.of(work.resolve(INDEX).toString()), flags);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.EACCES) {
        return Set.of();
      }
      throw e;
    }
    try {
      return read(fd, origins);
    } finally {
      Fd.close(fd);
    }
  }

  private static Set<LowerInode> read(int fd, Origins origins) throws ErrnoException {
    Set<LowerInode> changed = new HashSet<>();
    Stat copy = new Stat();
    Stat lower = new Stat();
    DirectoryReader reader = new DirectoryReader().reset(fd);
    while (reader.next()) {
      byte[] origin = IndexDirectory.originOf(reader.name());
      OriginHandle handle = origin == null ? null : OriginHandle.decode(origin);
      Layer layer = handle == null ? null : origins.find(handle, lower);
      if (layer != null && At.stat(fd, reader.name(), copy) && isChanged(copy, lower)) {
        changed.add(new LowerInode(layer.filesystem(), lower.ino));
      }
    }
    return changed;
  }

  /** A copy that was made for a removal, and nothing else, is not; in doubt one is. */
  private static boolean isChanged(Stat copy, Stat lower) {
    return copy.nlink > 1
        || copy.mode != lower.mode
        || copy.uid != lower.uid
        || copy.gid != lower.gid
        || copy.size != lower.size
        || copy.mtime != lower.mtime
        || copy.mtimeNanos != lower.mtimeNanos;
  }
}
