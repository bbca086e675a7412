package dev.lamina.layer;

import dev.lamina.image.ImageException;
import dev.lamina.layer.LowerLayers.LowerEntry;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Finds the directory that an entry belongs in, one component at a time from the layer's root.
 *
 * <p>Symbolic links in the middle of a path are followed as if the layer's root were {@code /}
 * (openat2's RESOLVE_IN_ROOT, but able to create what is missing): absolute targets and {@code ..}
 * end at the root. Links are those of the layer or, where the layer has nothing, of the layers
 * below, since the path means what it would mean with all of them applied.
 */
final class ParentResolver {
  /** As many as the kernel follows (path_resolution(7)). */
  private static final int LINK_LIMIT = 40;

  private static final byte[] DOT_DOT = {'.', '.'};

  private final LayerContext context;
  private final DirectoryCache cache;
  private final DirectoryMaker maker;
  private final Stat stat = new Stat();
  private final Name name = new Name();

  ParentResolver(LayerContext context, DirectoryCache cache, DirectoryMaker maker) {
    this.context = context;
    this.cache = cache;
    this.maker = maker;
  }

  /** The directory at {@code path}; what is missing or is no directory is made one. */
  OpenDirectory resolve(LayerPath path)
      throws ImageException, ErrnoException, InterruptedException {
    return walk(path, true);
  }

  /** The directory at {@code path} in this layer, or null where it has none. */
  OpenDirectory resolveExisting(LayerPath path)
      throws ImageException, ErrnoException, InterruptedException {
    return walk(path, false);
  }

  private OpenDirectory walk(LayerPath path, boolean create)
      throws ImageException, ErrnoException, InterruptedException {
    OpenDirectory current = cache.get(path);
    if (current != null) {
      return current;
    }
    current = cache.root();
    Deque<byte[]> pending = new ArrayDeque<>();
    push(pending, path.components());
    int links = 0;
    while (!pending.isEmpty()) {
      byte[] component = pending.pop();
      if (Arrays.equals(component, DOT_DOT)) {
        current = cache.reopen(current.path().parent());
        continue;
      }
      OpenDirectory child = cache.open(current, component);
      if (child == null) {
        byte[] target = linkTarget(current, component);
        if (target != null) {
          if (++links > LINK_LIMIT) {
            throw new ImageException(
                ImageException.Kind.REFUSED, "too many levels of symbolic links (ELOOP)");
          }
          current = follow(current, pending, target);
          continue;
        }
        if (!create) {
          return null;
        }
        child = maker.makeImplied(current, component, lowerVisible(current));
      }
      current = child;
    }
    return current;
  }

  /** Puts a link's components before what is pending; the directory to go on from. */
  private OpenDirectory follow(OpenDirectory current, Deque<byte[]> pending, byte[] target)
      throws ImageException {
    byte[][] components = LinkTarget.components(target);
    if (pending.size() + components.length > Name.PATH_MAX) {
      throw new ImageException(
          ImageException.Kind.LIMIT, "a path too long to resolve (ENAMETOOLONG)");
    }
    push(pending, components);
    return target.length > 0 && target[0] == '/' ? cache.root() : current;
  }

  private static void push(Deque<byte[]> pending, byte[][] components) {
    for (int i = components.length - 1; i >= 0; i--) {
      pending.push(components[i]);
    }
  }

  /** Where the symbolic link {@code component} leads, or null where there is no such link. */
  private byte[] linkTarget(OpenDirectory parent, byte[] component)
      throws ImageException, ErrnoException, InterruptedException {
    if (At.stat(parent.fd(), name.set(component), stat)) {
      return stat.isSymlink() ? At.readlink(parent.fd(), name) : null;
    }
    if (!lowerVisible(parent) || context.dialect.hasWhiteout(parent.fd(), component, stat)) {
      return null;
    }
    try (LowerEntry below = context.lowers().find(parent.path().child(component))) {
      return below != null && below.stat().isSymlink() ? below.readlink() : null;
    }
  }

  /** Whether the layers below show through in {@code directory}: no opaque mark on the way. */
  boolean lowerVisible(OpenDirectory directory) throws ErrnoException {
    LayerPath path = directory.path();
    OpenDirectory at = directory;
    while (!context.dialect.isOpaque(at.fd(), stat)) {
      if (path.isRoot()) {
        return true;
      }
      path = path.parent();
      at = cache.reopen(path);
    }
    return false;
  }
}
