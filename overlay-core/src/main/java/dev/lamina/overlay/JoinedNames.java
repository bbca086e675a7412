package dev.lamina.overlay;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.overlay.merge.Listing;
import dev.lamina.overlay.merge.ListingBuilder;
import dev.lamina.overlay.merge.Resolution;
import dev.lamina.overlay.merge.Resolver;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.LowerInode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds the names that changed because another name of the same lower file did. Looks at every name
 * of the merged tree, so it is for stacks that have such files.
 */
final class JoinedNames {
  /** Directories before what is in them, names in byte order. */
  private static final Comparator<String> TREE_ORDER =
      Comparator.comparing(path -> path.replace('/', '\0'));

  private final Resolver resolver;
  private final Set<LowerInode> changed;
  private final List<String> found = new ArrayList<>();

  private JoinedNames(Resolver resolver, Set<LowerInode> changed) {
    this.resolver = resolver;
    this.changed = changed;
  }

  /** {@code changes} and the names of {@code changed} inodes that only lowers have, in order. */
  static List<Change> addTo(
      List<Change> changes, LayerDir[] roots, Resolver resolver, Set<LowerInode> changed)
      throws ErrnoException {
    JoinedNames names = new JoinedNames(resolver, changed);
    names.visit("", roots);
    TreeMap<String, Change> all = new TreeMap<>(TREE_ORDER);
    changes.forEach(change -> all.put(change.path(), change));
    for (String path : names.found) {
      for (String at = path; !at.isEmpty(); at = at.substring(0, at.lastIndexOf('/'))) {
        all.putIfAbsent(at, new Change(Change.Kind.CHANGED, at));
      }
    }
    return List.copyOf(all.values());
  }

  private void visit(String path, LayerDir[] parts) throws ErrnoException {
    Listing listing = ListingBuilder.open(parts).read();
    Resolution resolution = new Resolution();
    for (int place = 0; place < listing.shown(); place++) {
      int entry = listing.entry(place);
      Name name = new Name().set(listing.names(), listing.start(entry), listing.length(entry));
      if (!resolver.resolve(parts, 0, name, resolution)) {
        continue;
      }
      String child = path + "/" + new String(name.toBytes(), StandardCharsets.ISO_8859_1);
      if (resolution.stat.isDirectory()) {
        visit(child, resolution.parts());
      } else if (isChanged(resolution)) {
        found.add(child);
      }
    }
  }

  private boolean isChanged(Resolution file) {
    var layer = file.holder().layer();
    return layer.position() > 0
        && file.stat.nlink > 1
        && changed.contains(new LowerInode(layer.filesystem(), file.stat.ino));
  }
}
