package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Refuses directories that are one or lie one inside the other, however their paths are spelled: by
 * inode, from each of them up to the root of the host.
 *
 * <p>Kernel overlayfs takes an upper inside a lower; here that is refused too, since the merged
 * tree would show its own changes a second time.
 */
final class LayerOverlap implements AutoCloseable {
  private static final Name PARENT = Name.of("..");

  /** A directory of the host, whatever its name. */
  private record Identity(long dev, long ino) {
    static Identity of(int fd) throws ErrnoException {
      Stat stat = new Stat();
      At.stat(fd, stat);
      return new Identity(stat.dev, stat.ino);
    }

    // By hand, since what a record is given is spun at run time: 10 ms of each start.

    @Override
    public boolean equals(Object other) {
      return other instanceof Identity that && dev == that.dev && ino == that.ino;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(31 * dev + ino);
    }
  }

  private record Member(String label, int fd, boolean lower) {}

  private final List<Member> members = new ArrayList<>();
  private final Map<Identity, Member> byIdentity = new HashMap<>();

  private LayerOverlap() {}

  /**
   * Looks at all directories of a stack.
   *
   * @throws ErrnoException ELOOP where one of the two is a lower and EINVAL for upper and work, as
   *     kernel overlayfs; ENOENT or ENOTDIR, naming it, for a directory that is none
   */
  static void requireNone(OverlayOptions options) throws ErrnoException {
    try (LayerOverlap overlap = new LayerOverlap()) {
      for (Member member : overlap.addAll(options)) {
        Member same = overlap.byIdentity.putIfAbsent(Identity.of(member.fd), member);
        if (same != null) {
          throw refusal(member, "is the same directory as", same);
        }
      }
      // Directories that lie in no member: 500 neighbours climb to the root once.
      Set<Identity> outside = new HashSet<>();
      for (Member member : overlap.members) {
        Member around = overlap.around(member.fd, outside);
        if (around != null) {
          throw refusal(member, "lies inside", around);
        }
      }
    }
  }

  /**
   * Refuses a mount point inside a layer, whose own requests would reach back into the mount, and
   * one around a layer, which nobody could reach any more. A layer itself will do: its root is
   * opened before it is covered.
   *
   * @throws ErrnoException ELOOP for a refusal
   */
  static void requireMountPoint(OverlayOptions options, Path mountPoint) throws ErrnoException {
    try (LayerOverlap layers = new LayerOverlap();
        LayerOverlap mount = new LayerOverlap()) {
      Member place = mount.add("mount point " + mountPoint, mountPoint, false);
      mount.byIdentity.put(Identity.of(place.fd), place);
      Set<Identity> outside = new HashSet<>();
      for (Member layer : layers.addAll(options)) {
        layers.byIdentity.put(Identity.of(layer.fd), layer);
        if (mount.around(layer.fd, outside) != null) {
          throw new ErrnoException(Errno.ELOOP, layer.label + " lies inside " + place.label);
        }
      }
      Member around = layers.around(place.fd, new HashSet<>());
      if (around != null) {
        throw new ErrnoException(Errno.ELOOP, place.label + " lies inside " + around.label);
      }
    }
  }

  private List<Member> addAll(OverlayOptions options) throws ErrnoException {
    if (options.upper().isPresent()) {
      add("upperdir " + options.upper().get(), options.upper().get(), false);
    }
    if (options.work().isPresent()) {
      add("workdir " + options.work().get(), options.work().get(), false);
    }
    for (LowerLayer lower : options.lowers()) {
      add("lowerdir " + lower.path(), lower.path(), true);
    }
    for (Path data : options.dataLowers()) {
      add("lowerdir " + data, data, true);
    }
    return members;
  }

  private Member add(String label, Path path, boolean lower) throws ErrnoException {
    try {
      int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
      Member member = new Member(label, At.openHostPath(Name.of(path.toString()), flags), lower);
      members.add(member);
      return member;
    } catch (ErrnoException e) {
      throw e.about(label);
    }
  }

  /**
   * The member that {@code directory} lies in, which it is not itself.
   *
   * @param outside directories known to lie in none; grows
   */
  private Member around(int directory, Set<Identity> outside) throws ErrnoException {
    Set<Identity> climbed = new HashSet<>();
    int at = openParent(directory);
    try {
      while (at >= 0) {
        Identity identity = Identity.of(at);
        Member around = byIdentity.get(identity);
        if (around != null && around.fd != directory) {
          return around;
        }
        // The root of the host is its own parent.
        if (outside.contains(identity) || !climbed.add(identity)) {
          break;
        }
        int next = openParent(at);
        Fd.close(at);
        at = next;
      }
    } finally {
      if (at >= 0) {
        Fd.close(at);
      }
    }
    outside.addAll(climbed);
    return null;
  }

  /** -1 where this process may not look. */
  private static int openParent(int directory) throws ErrnoException {
    try {
      return At.openDirectory(directory, PARENT);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EACCES) {
        return -1;
      }
      throw e;
    }
  }

  private static ErrnoException refusal(Member member, String relation, Member other) {
    return new ErrnoException(
        member.lower || other.lower ? Errno.ELOOP : Errno.EINVAL,
        member.label + " " + relation + " " + other.label);
  }

  @Override
  public void close() {
    members.forEach(member -> Fd.close(member.fd));
  }
}
