package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.format.Redirect;
import dev.lamina.overlay.index.ChangedInodes;
import dev.lamina.overlay.merge.Following;
import dev.lamina.overlay.merge.Listing;
import dev.lamina.overlay.merge.ListingBuilder;
import dev.lamina.overlay.merge.Resolution;
import dev.lamina.overlay.merge.Resolver;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.LowerInode;
import dev.lamina.overlay.origin.Origins;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the topmost layer of a stack changed against the layers below, found by walking that layer
 * alone: an untouched tree of any size costs nothing.
 */
final class UpperChanges {
  private static final Name SELF = Name.of(".");

  private final List<Change> changes = new ArrayList<>();

  private final Resolver resolver;

  private UpperChanges(Resolver resolver) {
    this.resolver = resolver;
  }

  /** All changes, each directory before what is in it, names in byte order. */
  static List<Change> of(LayerStack stack, OverlayOptions options) throws ErrnoException {
    LayerDir[] roots = stack.roots();
    UpperChanges walk =
        new UpperChanges(new Resolver(roots, Following.names(stack.redirectDir().follows())));
    walk.visit("", roots[0], Arrays.copyOfRange(roots, 1, roots.length));
    if (options.work().isEmpty() || options.index() == Index.OFF || roots.length == 1) {
      return walk.changes;
    }
    Set<LowerInode> joined;
    try (Origins origins = Origins.of(roots)) {
      joined = ChangedInodes.of(options.work().get(), origins);
    }
    return joined.isEmpty()
        ? walk.changes
        : JoinedNames.addTo(walk.changes, roots, walk.resolver, joined);
  }

  /** One directory of the top layer over those it merges with. */
  private void visit(String path, LayerDir top, LayerDir[] below) throws ErrnoException {
    // Sorted, and read whole, before anything else is opened: depth costs no descriptors.
    for (Found found : entries(top).values()) {
      visitEntry(path, top, below, found);
    }
  }

  /** An entry of the top layer: a visible object, or the hiding of a name below. */
  private record Found(
      Name name, boolean hides, boolean directory, boolean opaque, boolean redirected) {}

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
            entries.putIfAbsent(key(hidden), new Found(Name.of(hidden), true, false, false, false));
          } else if (At.stat(fd, name, stat)) {
            boolean hides = format.isWhiteout(fd, name, stat);
            boolean directory = !hides && stat.isDirectory();
            boolean opaque = directory && format.isOpaque(fd, name);
            boolean redirected =
                directory && !opaque && Redirect.readRaw(fd, name, format.xattrs()) != null;
            entries.put(key(name.toBytes()), new Found(name, hides, directory, opaque, redirected));
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
    boolean exists = resolver.resolve(below, 0, found.name(), lower);
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
    if (found.redirected()) {
      Resolution moved = new Resolution();
      resolver.resolve(over(top, below), 0, found.name(), moved);
      compareWhole(child, moved.parts(), merged);
      return;
    }
    if (found.opaque()) {
      addHidden(child, inner, merged);
      merged = new LayerDir[0];
    }
    visit(child, inner, merged);
  }

  private static LayerDir[] over(LayerDir top, LayerDir[] below) {
    LayerDir[] parts = new LayerDir[below.length + 1];
    parts[0] = top;
    System.arraycopy(below, 0, parts, 1, below.length);
    return parts;
  }

  /**
   * A directory that came from elsewhere: all that it shows is new here, or in the place of what
   * the layers below have under that name.
   */
  private void compareWhole(String path, LayerDir[] shown, LayerDir[] old) throws ErrnoException {
    Set<String> kept = new HashSet<>();
    for (Name name : visible(shown)) {
      Resolution now = new Resolution();
      Resolution before = new Resolution();
      resolver.resolve(shown, 0, name, now);
      boolean existed = resolver.resolve(old, 0, name, before);
      String child = path + "/" + key(name.toBytes());
      kept.add(child);
      changes.add(new Change(existed ? Change.Kind.CHANGED : Change.Kind.ADDED, child));
      if (now.stat.isDirectory()) {
        compareWhole(child, now.parts(), before.parts());
      }
    }
    for (Name name : visible(old)) {
      String child = path + "/" + key(name.toBytes());
      if (!kept.contains(child)) {
        changes.add(new Change(Change.Kind.DELETED, child));
      }
    }
  }

  /** What {@code parts} show, in byte order. */
  private static Collection<Name> visible(LayerDir[] parts) throws ErrnoException {
    NavigableMap<String, Name> names = new TreeMap<>();
    Listing listing = ListingBuilder.open(parts).read();
    for (int place = 0; place < listing.shown(); place++) {
      int i = listing.entry(place);
      Name name = new Name().set(listing.names(), listing.start(i), listing.length(i));
      names.put(key(name.toBytes()), name);
    }
    return names.values();
  }

  /** An opaque directory deletes all below it that it has not itself. */
  private void addHidden(String path, LayerDir inner, LayerDir[] below) throws ErrnoException {
    Listing listing = ListingBuilder.open(below).read();
    int fd = inner.pin();
    try {
      Name name = new Name();
      Stat stat = new Stat();
      TreeMap<String, Change> hidden = new TreeMap<>();
      for (int place = 0; place < listing.shown(); place++) {
        int i = listing.entry(place);
        name.set(listing.names(), listing.start(i), listing.length(i));
        if (!At.stat(fd, name, stat)) {
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
