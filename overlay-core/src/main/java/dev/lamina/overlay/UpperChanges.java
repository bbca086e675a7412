package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.merge.Listing;
import dev.lamina.overlay.merge.ListingBuilder;
import dev.lamina.overlay.merge.Resolution;
import dev.lamina.overlay.merge.Resolver;
import dev.lamina.overlay.node.LayerDir;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What the topmost layer of a stack changed against the layers below, found by walking that layer
 * alone: an untouched tree of any size costs nothing.
 */
final class UpperChanges {
  private static final Name SELF = Name.of(".");

  private final List<Change> changes = new ArrayList<>();

  private UpperChanges() {}

  /** All changes, each directory before what is in it, names in byte order. */
  static List<Change> of(LayerDir[] roots) throws ErrnoException {
    UpperChanges walk = new UpperChanges();
    walk.visit("", roots[0], Arrays.copyOfRange(roots, 1, roots.length));
    return walk.changes;
  }

  /** One directory of the top layer over those it merges with. */
  private void visit(String path, LayerDir top, LayerDir[] below) throws ErrnoException {
    // Sorted, and read whole, before anything else is opened: depth costs no descriptors.
    for (Found found : entries(top).values()) {
      visitEntry(path, top, below, found);
    }
  }

  /** An entry of the top layer: a visible object, or the hiding of a name below. */
  private record Found(Name name, boolean hides, boolean directory, boolean opaque) {}

  private NavigableMap<String, Found> entries(LayerDir top) throws ErrnoException {
    NavigableMap<String, Found> entries = new TreeMap<>();
    LayerFormat format = top.layer().format();
    int fd = top.pin();
    try {
      int readable = At.open(fd, SELF, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
      try {
        Stat stat = new Stat();
        DirectoryReader reader = new DirectoryReader().reset(readable);
        while (reader.next()) {
          Name name = new Name().set(reader.name());
          if (format.isMark(name)) {
            byte[] hidden = LayerFormat.hiddenBy(name);
            entries.putIfAbsent(key(hidden), new Found(Name.of(hidden), true, false, false));
          } else if (At.stat(fd, name, stat)) {
            boolean hides = format.isWhiteout(fd, name, stat);
            boolean directory = !hides && stat.isDirectory();
            boolean opaque = directory && format.isOpaque(fd, name);
            entries.put(key(name.toBytes()), new Found(name, hides, directory, opaque));
          }
        }
      } finally {
        Fd.close(readable);
      }
    } finally {
      top.unpin();
    }
    return entries;
  }

  private static String key(byte[] name) {
    return new String(name, StandardCharsets.ISO_8859_1);
  }

  private void visitEntry(String path, LayerDir top, LayerDir[] below, Found found)
      throws ErrnoException {
    Resolution lower = new Resolution();
    boolean exists = Resolver.resolve(below, 0, found.name(), lower);
    String child = path + "/" + key(found.name().toBytes());
    if (found.hides()) {
      if (exists) {
        changes.add(new Change(Change.Kind.DELETED, child));
      }
      return;
    }
    changes.add(new Change(exists ? Change.Kind.CHANGED : Change.Kind.ADDED, child));
    if (!found.directory()) {
      return;
    }
    LayerDir inner = top.child(found.name().toBytes());
    LayerDir[] merged = exists ? lower.parts() : new LayerDir[0];
    if (found.opaque()) {
      addHidden(child, inner, merged);
      merged = new LayerDir[0];
    }
    visit(child, inner, merged);
  }

  /** An opaque directory deletes all below it that it has not itself. */
  private void addHidden(String path, LayerDir inner, LayerDir[] below) throws ErrnoException {
    Listing listing = ListingBuilder.open(below).read();
    int fd = inner.pin();
    try {
      Name name = new Name();
      Stat stat = new Stat();
      TreeMap<String, Change> hidden = new TreeMap<>();
      for (int i = 0; i < listing.size(); i++) {
        name.set(listing.names(), listing.start(i), listing.length(i));
        if (listing.isVisible(i) && !At.stat(fd, name, stat)) {
          String child = path + "/" + key(name.toBytes());
          hidden.put(child, new Change(Change.Kind.DELETED, child));
        }
      }
      changes.addAll(hidden.values());
    } finally {
      inner.unpin();
    }
  }
}
