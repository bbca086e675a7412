package dev.lamina.nio;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import java.io.IOException;

/** Opens files, and makes them where that is asked for. */
final class Opening {
  /** How often two who make and remove the same name may be in each other's way. */
  private static final int ATTEMPTS = 100;

  private final LaminaFileSystem fileSystem;

  Opening(LaminaFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  /**
   * Opens {@code path}.
   *
   * @param mode of a file that is made, before the umask
   */
  LaminaFileChannel open(LaminaPath path, OpenRequest how, int mode) throws IOException {
    return fileSystem.inside(
        path, null, () -> new LaminaFileChannel(path, contentOf(path, how, mode), how));
  }

  private Content contentOf(LaminaPath path, OpenRequest how, int mode) throws ErrnoException {
    Walk walk = new Walk(fileSystem.tree());
    for (int attempt = 1; ; attempt++) {
      boolean follow = how.follows() && !how.createsNew();
      try (Place place = walk.place(path.bytes(), follow)) {
        if (how.writes()) {
          fileSystem.writable();
        }
        return place.exists() ? existing(place, how) : made(place, how, mode);
      } catch (ErrnoException e) {
        boolean appeared = e.errno() == Errno.EEXIST && how.creates() && !how.createsNew();
        if (!appeared || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private Content existing(Place place, OpenRequest how) throws ErrnoException {
    if (how.createsNew()) {
      throw new ErrnoException(Errno.EEXIST, "open");
    }
    if (place.status().isSymlink()) {
      throw new ErrnoException(Errno.ELOOP, "open without following links");
    }
    Content content = fileSystem.tree().open(place.node(), how);
    return removed(content, place, how);
  }

  private Content made(Place place, OpenRequest how, int mode) throws ErrnoException {
    if (!how.creates()) {
      throw new ErrnoException(Errno.ENOENT, "open");
    }
    WritableTree tree = fileSystem.writable();
    WritableTree.Created created = tree.create(place.parent(), place.freeName(), mode, how);
    tree.forget(created.found().node());
    return removed(created.content(), place, how);
  }

  /** DELETE_ON_CLOSE takes the name away at once; the data stays as long as the file is open. */
  private Content removed(Content content, Place place, OpenRequest how) throws ErrnoException {
    if (how.deletesOnClose()) {
      try {
        fileSystem.writable().unlink(place.parent(), place.freeName());
      } catch (ErrnoException | RuntimeException e) {
        content.close();
        throw e;
      }
    }
    return content;
  }
}
