package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.merge.Listing;
import dev.lamina.overlay.merge.ListingBuilder;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Finds files whose promotion an earlier mount did not finish, wherever they were moved to: walks
 * through the upper, by inode number, then behind every name, until all are found: a joined file
 * may have names in lowers alone. Whoever uses one of them before that makes it go on at once.
 */
final class InterruptedPromotions {
  private static final int UNKNOWN = 0;

  private final Union union;
  private final Set<Long> sought;
  private final Stat stat = new Stat();

  InterruptedPromotions(Union union) {
    this.union = union;
    this.sought = union.partials.interruptedInodes();
  }

  /** Makes all that are found go on, and forgets those that are gone. */
  void resume() throws ErrnoException {
    DirNode root = union.table.root();
    if (root.inUpper()) {
      walk(root);
    }
    // The others were removed, or moved out of the way of the walk, or have names below alone.
    union.partials.dropGone(sought);
    if (union.partials.anyInterrupted()) {
      walkMerged(root);
    }
  }

  /** Looks behind every name, the lowers' too, until all are found. */
  private void walkMerged(DirNode directory) throws ErrnoException {
    for (Name name : namesIn(directory)) {
      if (!union.partials.anyInterrupted()) {
        return;
      }
      Node node = union.names.lookup(directory, name, stat);
      if (node instanceof DirNode child) {
        walkMerged(child);
      } else if (node instanceof FileNode file && file.data() instanceof DataSource.Interrupted) {
        union.findData(file);
      }
      letGo(node);
    }
  }

  private List<Name> namesIn(DirNode directory) throws ErrnoException {
    union.lock.shared().lock();
    try {
      Listing listing = ListingBuilder.open(directory.parts()).read();
      List<Name> names = new ArrayList<>();
      for (int place = 0; place < listing.shown(); place++) {
        int entry = listing.entry(place);
        byte[] name =
            Arrays.copyOfRange(
                listing.names(),
                listing.start(entry),
                listing.start(entry) + listing.length(entry));
        names.add(Name.of(name));
      }
      return names;
    } finally {
      union.lock.shared().unlock();
    }
  }

  private void walk(DirNode directory) throws ErrnoException {
    List<Name> names = new ArrayList<>();
    List<Name> directories = new ArrayList<>();
    list(directory, names, directories);
    for (Name name : names) {
      Node node = union.names.lookup(directory, name, stat);
      if (node instanceof FileNode file) {
        union.findData(file);
      }
      letGo(node);
    }
    for (Name name : directories) {
      if (sought.isEmpty()) {
        return;
      }
      Node node = union.names.lookup(directory, name, stat);
      if (node instanceof DirNode child && child.inUpper()) {
        walk(child);
      }
      letGo(node);
    }
  }

  private void letGo(Node node) {
    if (node != null) {
      union.table.release(node, 1);
    }
  }

  private void list(DirNode directory, List<Name> names, List<Name> directories)
      throws ErrnoException {
    union.lock.shared().lock();
    try {
      LayerDir upper = directory.upper();
      int readable =
          At.open(upper.pin(), Name.of("."), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
      try {
        DirectoryReader reader = new DirectoryReader().reset(readable);
        while (reader.next()) {
          if (sought.remove(reader.ino())) {
            names.add(Name.of(reader.name().toBytes()));
          } else if (reader.type() == UNKNOWN
              || reader.type() == FileMode.directoryType(FileMode.S_IFDIR)) {
            directories.add(Name.of(reader.name().toBytes()));
          }
        }
      } finally {
        Fd.close(readable);
        upper.unpin();
      }
    } finally {
      union.lock.shared().unlock();
    }
  }
}
