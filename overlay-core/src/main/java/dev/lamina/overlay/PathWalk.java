package dev.lamina.overlay;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Walks paths over the seam as a process in a chroot would: {@code ..} stops at the root, absolute
 * links start there, forty links are too many (path_resolution(7)).
 */
final class PathWalk {
  private static final int MAX_LINKS = 40;

  private final InodeFileSystem inodes;

  PathWalk(InodeFileSystem inodes) {
    this.inodes = inodes;
  }

  /** The node that {@code path} leads to; the caller forgets it once. ENOENT, ENOTDIR, ELOOP. */
  long node(byte[] path, boolean followLast) throws ErrnoException {
    ArrayDeque<byte[]> ahead = new ArrayDeque<>(components(path));
    // The nodes from the root down to where the walk stands, each held by a lookup.
    ArrayDeque<Long> trail = new ArrayDeque<>();
    int links = 0;
    try {
      while (!ahead.isEmpty()) {
        byte[] component = ahead.removeFirst();
        if (isDotDot(component)) {
          if (!trail.isEmpty()) {
            inodes.forget(trail.removeLast(), 1);
          }
          continue;
        }
        Entry entry = new Entry();
        if (!inodes.lookup(current(trail), Name.of(component), entry)) {
          throw new ErrnoException(Errno.ENOENT, "lookup");
        }
        if (FileMode.isSymlink(entry.stat.mode) && (followLast || !ahead.isEmpty())) {
          try {
            if (++links > MAX_LINKS) {
              throw new ErrnoException(Errno.ELOOP, "lookup");
            }
            byte[] target = target(entry.node);
            if (target.length > 0 && target[0] == '/') {
              forgetAll(trail);
            }
            List<byte[]> more = components(target);
            for (int i = more.size() - 1; i >= 0; i--) {
              ahead.addFirst(more.get(i));
            }
          } finally {
            inodes.forget(entry.node, 1);
          }
        } else {
          trail.addLast(entry.node);
        }
      }
      return trail.isEmpty() ? InodeFileSystem.ROOT : trail.removeLast();
    } finally {
      forgetAll(trail);
    }
  }

  private static long current(ArrayDeque<Long> trail) {
    return trail.isEmpty() ? InodeFileSystem.ROOT : trail.getLast();
  }

  private void forgetAll(ArrayDeque<Long> trail) {
    while (!trail.isEmpty()) {
      inodes.forget(trail.removeLast(), 1);
    }
  }

  /** Target of the symbolic link {@code node}. */
  byte[] target(long node) throws ErrnoException {
    NativeMemory buffer = NativeMemory.allocate(Name.PATH_MAX);
    return buffer.copy(0, inodes.readlink(node, buffer, 0, buffer.size()));
  }

  /** The components of a path, empty and {@code .} ones left out. */
  private static List<byte[]> components(byte[] path) {
    List<byte[]> components = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= path.length; i++) {
      if (i == path.length || path[i] == '/') {
        boolean dot = i - start == 1 && path[start] == '.';
        if (i > start && !dot) {
          components.add(Arrays.copyOfRange(path, start, i));
        }
        start = i + 1;
      }
    }
    return components;
  }

  private static boolean isDotDot(byte[] component) {
    return component.length == 2 && component[0] == '.' && component[1] == '.';
  }

  /** Where the last component of {@code path} starts. */
  static int lastComponent(byte[] path) {
    int at = trimmedLength(path);
    while (at > 0 && path[at - 1] != '/') {
      at--;
    }
    return at;
  }

  /** Length of {@code path} without slashes at its end. */
  static int trimmedLength(byte[] path) {
    int end = path.length;
    while (end > 0 && path[end - 1] == '/') {
      end--;
    }
    return end;
  }
}
