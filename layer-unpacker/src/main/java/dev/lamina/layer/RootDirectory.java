package dev.lamina.layer;

import dev.lamina.layer.LowerLayers.LowerEntry;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.linux.UserNamespace;
import dev.lamina.overlay.owner.OwnerRecords;
import java.nio.file.Path;

/**
 * Owner, mode, time and extended attributes of a root directory. The root of a union takes its own
 * from the topmost layer, whether that layer says anything about them or not; so they have to be
 * carried to whatever is put on top.
 */
public final class RootDirectory {
  private static final Name HERE = Name.of(".");

  private RootDirectory() {}

  /**
   * Makes {@code to}, an existing directory, like {@code from}, a directory of this store. Marks of
   * the store stay behind. Owner and mode are recorded where this process is an ordinary user's,
   * see {@link Attributes}.
   */
  public static void copyAttributes(Path from, Path to) throws ErrnoException {
    boolean privileged = UserNamespace.isHostRoot();
    LayerContext context =
        new LayerContext(Dialect.TRUSTED, privileged, -1, PayloadListener.NONE, () -> null);
    Attributes attributes = new Attributes(context);
    try (LowerEntry source = open(from)) {
      int fd = At.open(At.FDCWD, Name.of(to.toString()), DirectoryCache.OPEN_FLAGS, 0);
      Stat stat = new Stat();
      At.stat(fd, stat);
      OpenDirectory target = new OpenDirectory(LayerPath.ROOT, fd, stat, privileged, false);
      try {
        Attributes.Values values = new LowerCopy(attributes).values(source);
        attributes.applyToDirectory(target, target, values, true);
        target.close();
      } finally {
        target.abandon();
      }
    }
  }

  private static LowerEntry open(Path directory) throws ErrnoException {
    int fd = At.open(At.FDCWD, Name.of(directory.toString()), DirectoryCache.OPEN_FLAGS, 0);
    Stat stat = new Stat();
    At.stat(fd, stat);
    OwnerRecords.STORE.read(fd, HERE, stat);
    return new LowerEntry(fd, HERE, stat);
  }
}
