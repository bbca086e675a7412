package dev.lamina.fuse.libfuse;

import dev.lamina.linux.Name;
import dev.lamina.overlay.InodeFileSystem;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Files that were removed while open, by the names that libfuse has for them from then on.
 *
 * <p>libfuse knows files by path only, so it renames such a file to {@code .fuse_hidden...} in its
 * directory and removes that when the last descriptor is closed. Here the file is really removed,
 * and the name is an entry of this table alone: nobody finds it in the directory, in the upper or
 * in the way of rmdir, and calls by it reach the file as long as it is open.
 *
 * <p>Each entry holds a lookup of the directory and one of the file. Thread-safe.
 */
final class HiddenFiles {
  private record Place(long directory, String name) {}

  private final InodeFileSystem fileSystem;
  private final Map<Place, Long> nodes = new ConcurrentHashMap<>();

  HiddenFiles(InodeFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  /** Takes over a lookup of each. */
  void add(long directory, Name name, long node) {
    nodes.put(place(directory, name), node);
  }

  /** The file, or 0 where this is no such name. */
  long find(long directory, Name name) {
    if (nodes.isEmpty()) {
      return 0;
    }
    return nodes.getOrDefault(place(directory, name), 0L);
  }

  /** Forgets a name. */
  void remove(long directory, Name name) {
    Place place = place(directory, name);
    Long node = nodes.remove(place);
    if (node != null) {
      giveBack(place, node);
    }
  }

  /** The last descriptor of {@code node} is closed, so that no call comes for it any more. */
  void closed(long node) {
    if (!nodes.isEmpty()) {
      nodes.forEach(
          (place, hidden) -> {
            if (hidden == node && nodes.remove(place, hidden)) {
              giveBack(place, node);
            }
          });
    }
  }

  void removeAll() {
    nodes.forEach(
        (place, node) -> {
          nodes.remove(place);
          giveBack(place, node);
        });
  }

  private void giveBack(Place place, long node) {
    fileSystem.forget(node, 1);
    fileSystem.forget(place.directory, 1);
  }

  /** libfuse's names are ASCII; of others some may be taken for each other, but never for one. */
  private static Place place(long directory, Name name) {
    return new Place(directory, name.toString());
  }
}
