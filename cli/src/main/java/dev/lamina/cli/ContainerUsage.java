package dev.lamina.cli;

import dev.lamina.linux.At;
import dev.lamina.linux.DiskUsage;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.store.StoreUsage;
import java.io.IOException;
import java.nio.file.Path;

/** What the writable layers of containers take on disk. */
final class ContainerUsage {
  private ContainerUsage() {}

  /** Active are the mounted ones; the changes of the others are reclaimable, by removing them. */
  static StoreUsage.Row of(Containers containers) throws IOException {
    int count = 0;
    int active = 0;
    long bytes = 0;
    long reclaimable = 0;
    for (Container container : containers.all()) {
      long size = container.readOnly() ? 0 : bytesBelow(containers.upper(container.name()));
      count++;
      bytes += size;
      if (Containers.isMounted(container)) {
        active++;
      } else {
        reclaimable += size;
      }
    }
    return new StoreUsage.Row(count, active, bytes, reclaimable);
  }

  private static long bytesBelow(Path directory) throws ErrnoException {
    int fd = At.openDirectory(At.FDCWD, Name.of(directory.toString()));
    try {
      return DiskUsage.below(fd);
    } finally {
      Fd.close(fd);
    }
  }
}
