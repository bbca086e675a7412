package dev.lamina.overlay.data;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.Metacopy;
import dev.lamina.overlay.format.XattrNamespace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Maps that an earlier mount left, of files that nobody has used since, by the inode numbers of the
 * upper's objects. Thread-safe.
 */
final class InterruptedMaps {
  private final MapDirectory maps;
  private final XattrNamespace xattrs;

  @GuardedBy("this")
  private final Map<Long, Name> byInode = new HashMap<>();

  private volatile boolean any;

  /**
   * Finds those in {@code maps}, and removes others that are of no use.
   *
   * @throws ErrnoException EINVAL for one that nobody can read: it hides data
   */
  InterruptedMaps(MapDirectory maps, XattrNamespace xattrs) throws ErrnoException {
    this.maps = maps;
    this.xattrs = xattrs;
    synchronized (this) {
      List<Name> useful = new ArrayList<>();
      for (Name name : maps.list()) {
        long ino = inodeNamed(name);
        if (ino != 0) {
          byInode.put(ino, name);
          useful.add(name);
        }
      }
      any = !byInode.isEmpty();
      maps.keepOnly(useful);
    }
  }

  private long inodeNamed(Name name) throws ErrnoException {
    try {
      return inodeOf(name);
    } catch (ErrnoException e) {
      throw e.about("work directory: lamina-partial/" + name);
    }
  }

  /** The inode number in the upper of what {@code map} is about, or 0 where it is of no use. */
  private long inodeOf(Name map) throws ErrnoException {
    int fd = maps.open(map);
    try {
      if (MapFile.open(fd) == null) {
        return 0;
      }
    } finally {
      Fd.close(fd);
    }
    int object;
    try {
      object = maps.openObject(map);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ESTALE) {
        return 0;
      }
      throw e;
    }
    try {
      Stat stat = new Stat();
      At.stat(object, stat);
      boolean used = stat.isRegular() && stat.size > 0 && Metacopy.isMarked(object, xattrs);
      return used ? stat.ino : 0;
    } finally {
      Fd.close(object);
    }
  }

  /** Whether there are any; a quick look. */
  boolean any() {
    return any;
  }

  synchronized boolean has(long ino) {
    return byInode.containsKey(ino);
  }

  /** Whether {@code map} is that of the upper's object {@code ino}. */
  synchronized boolean has(long ino, Name map) {
    Name known = byInode.get(ino);
    return known != null && map.contentEquals(known.toBytes());
  }

  /** Somebody uses the file {@code ino}. */
  synchronized void forget(long ino) {
    byInode.remove(ino);
    any = !byInode.isEmpty();
  }

  synchronized Set<Long> inodes() {
    return new HashSet<>(byInode.keySet());
  }

  /** Removes maps of objects that are gone, of these inode numbers. */
  synchronized void dropGone(Set<Long> inodes) throws ErrnoException {
    for (long ino : inodes) {
      Name name = byInode.get(ino);
      if (name != null && inodeOf(name) == 0) {
        forget(ino);
        maps.remove(name);
      }
    }
  }
}
