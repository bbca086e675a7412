package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.Link;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.promote.Promoter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * New names: files, directories, nodes, symbolic and hard links.
 *
 * <p>Where nothing is at the name, the one system call that creates is the one that publishes, made
 * under the caller's identity in the upper's own directory, so that owner, setgid inheritance and
 * default ACLs are the filesystem's doing. Where a whiteout is, the object is made in work and
 * renamed over it.
 */
final class Creation {
  /** Makes the object {@code name} in the directory {@code dirfd}; fails where it exists. */
  interface Maker {
    void make(int dirfd, Name name) throws ErrnoException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Creation.class);

  private final Union union;

  Creation(Union union) {
    this.union = union;
  }

  void mknod(Caller caller, long parent, Name name, int mode, long device, Entry out)
      throws ErrnoException {
    if (FileMode.isCharDevice(mode) && device == 0) {
      // A whiteout: kernel overlayfs lets nobody make one in the merged tree.
      requireAbsent(parent, name);
      throw new ErrnoException(Errno.EPERM, "mknod of a whiteout");
    }
    create(caller, parent, name, mode, (fd, n) -> At.mknod(fd, n, mode, device), out);
  }

  void mkdir(Caller caller, long parent, Name name, int mode, Entry out) throws ErrnoException {
    // As mkdir(2): setuid and setgid are not for the asking.
    int kept = mode & (0777 | FileMode.S_ISVTX);
    create(caller, parent, name, FileMode.S_IFDIR | kept, (fd, n) -> At.mkdir(fd, n, kept), out);
  }

  private void requireAbsent(long parentId, Name name) throws ErrnoException {
    Node known = union.lookup(union.directory(parentId), name, new Stat());
    if (known != null) {
      union.table.release(known, 1);
      throw new ErrnoException(Errno.EEXIST, "creation");
    }
  }

  void symlink(Caller caller, long parent, Name name, Name target, Entry out)
      throws ErrnoException {
    create(
        caller, parent, name, FileMode.S_IFLNK | 0777, (fd, n) -> At.symlink(target, fd, n), out);
  }

  /** Makes a regular file and opens it in the same call; the descriptor is the caller's. */
  int createFile(Caller caller, long parent, Name name, int mode, int flags, Entry out)
      throws ErrnoException {
    int type = FileMode.S_IFREG | (mode & FileMode.PERMISSIONS);
    FileMaker maker = new FileMaker(flags | OpenFlags.O_CREAT | OpenFlags.O_EXCL, mode & 07777);
    try {
      create(caller, parent, name, type, maker, out);
    } catch (ErrnoException e) {
      if (maker.fd >= 0) {
        Fd.close(maker.fd);
      }
      throw e;
    }
    return maker.fd;
  }

  /**
   * Makes a regular file that has no name yet ({@code O_TMPFILE}) and opens it; the descriptor is
   * the caller's. Made in the parent's own directory, so that it inherits as a named one does.
   */
  int createNameless(Caller caller, long parentId, int mode, int flags, Entry out)
      throws ErrnoException {
    union.requireWritable();
    DirNode parent = union.directory(parentId);
    union.promoter.promoteDirectory(parent);
    union.lock.shared().lock();
    try {
      if (parent.isRemoved()) {
        throw new ErrnoException(Errno.ENOENT, "creation in a removed directory");
      }
      int dirfd = parent.upper().pin();
      try {
        return openNameless(caller, parent, dirfd, mode & FileMode.PERMISSIONS, flags, out);
      } finally {
        parent.upper().unpin();
      }
    } finally {
      union.lock.shared().unlock();
    }
  }

  private int openNameless(Caller caller, DirNode parent, int dirfd, int mode, int flags, Entry out)
      throws ErrnoException {
    boolean exact = Identity.assume(caller.uid, caller.gid, caller.umask);
    int fd = At.open(dirfd, Nursery.SELF, flags | OpenFlags.O_TMPFILE, mode);
    int path = -1;
    try {
      if (!exact && !Nursery.hasDefaultAcl(dirfd)) {
        Fd.chmod(fd, mode & ~caller.umask);
      }
      path = Fd.reopen(fd, OpenFlags.O_PATH);
      At.stat(fd, out.stat);
      FileNode node = union.table.addNameless(ino(parent, out.stat), out.stat.mode, path);
      out.stat.ino = node.ino();
      Union.fill(node, out);
      return fd;
    } catch (ErrnoException | RuntimeException e) {
      if (path >= 0) {
        Fd.close(path);
      }
      Fd.close(fd);
      throw e;
    }
  }

  private static long ino(DirNode parent, Stat real) {
    return parent.upper().layer().ino(real.ino);
  }

  /** Opens what it makes: a file without write permission can be written to by this open alone. */
  private static final class FileMaker implements Maker {
    private final int flags;
    private final int mode;
    private int fd = -1;

    FileMaker(int flags, int mode) {
      this.flags = flags;
      this.mode = mode;
    }

    @Override
    public void make(int dirfd, Name name) throws ErrnoException {
      fd = At.open(dirfd, name, flags, mode);
    }
  }

  private Node create(Caller caller, long parentId, Name name, int mode, Maker maker, Entry out)
      throws ErrnoException {
    union.requireWritable();
    union.requireNewName(name);
    DirNode parent = union.directory(parentId);
    if (!parent.inUpper()) {
      // What fails must leave no trace, and promotion is one.
      requireAbsent(parentId, name);
      union.promoter.promoteDirectory(parent);
    }
    union.lock.shared().lock();
    try {
      parent.lockNames();
      try {
        new Placement(caller, parent, name, mode, false).place(maker, out.stat);
        Node node = addNew(parent, name, out.stat);
        Union.fill(node, out);
        return node;
      } finally {
        parent.unlockNames();
      }
    } finally {
      union.lock.shared().unlock();
    }
  }

  /** The node of what was just made in the upper, with one reference; its attributes are there. */
  private Node addNew(DirNode parent, Name name, Stat stat) {
    LayerDir upper = parent.upper();
    byte[] bytes = name.toBytes();
    Node node;
    if (stat.isDirectory()) {
      LayerDir[] parts = {upper.child(bytes)};
      node = union.table.addDirectory(parent, bytes, upper.layer().ino(stat.ino), parts);
    } else {
      node = union.addUpperFile(parent, bytes, stat);
    }
    stat.ino = node.ino();
    return node;
  }

  /** Another name for a file, which is brought up first as kernel overlayfs does. */
  void link(Caller caller, long nodeId, long newParentId, Name newName, Entry out)
      throws ErrnoException {
    union.requireWritable();
    union.requireNewName(newName);
    requireAbsent(newParentId, newName);
    if (!(union.node(nodeId) instanceof FileNode node)) {
      throw new ErrnoException(Errno.EPERM, "hard link of a directory");
    }
    DirNode newParent = union.directory(newParentId);
    union.promoter.promoteDirectory(newParent);
    union.promoter.promote(node, Promoter.ALL_DATA);
    // Two directories at once: nobody else is at work meanwhile.
    union.lock.exclusive().lock();
    try {
      newParent.lockNames();
      try {
        carryOrigin(node, newParent);
        new Placement(caller, newParent, newName, node.type(), true)
            .place((fd, name) -> linkTo(node, fd, name), out.stat);
        union.table.retain(node);
        union.table.addLink(node, newParent, newName.toBytes());
        union.table.noteHardLinked(out.stat.ino, node);
        Union.present(node, out.stat);
        Union.fill(node, out);
      } finally {
        newParent.unlockNames();
      }
    } finally {
      union.lock.exclusive().unlock();
    }
  }

  private void carryOrigin(FileNode node, DirNode newParent) throws ErrnoException {
    int to = newParent.upper().pin();
    try {
      Link link = node.link();
      if (link == null) {
        // Impure where nothing has an origin costs a look at each entry, no more.
        union.origins.markImpure(newParent, to);
        return;
      }
      LayerDir home = link.parent().upper();
      int from = home.pin();
      try {
        union.carryOrigin(node, from, Name.of(link.name()), newParent, to);
      } finally {
        home.unpin();
      }
    } finally {
      newParent.upper().unpin();
    }
  }

  private static void linkTo(FileNode node, int toDir, Name to) throws ErrnoException {
    Link link = node.link();
    if (link == null) {
      At.linkDescriptor(node.orphan(), toDir, to);
      return;
    }
    LayerDir home = link.parent().upper();
    int fd = home.pin();
    try {
      At.link(fd, Name.of(link.name()), toDir, to);
    } finally {
      home.unpin();
    }
  }

  /** Puts one new object in its place; under the name lock of the parent. */
  private final class Placement {
    private final Caller caller;
    private final DirNode parent;
    private final Name name;
    private final int mode;

    /** Whether the maker only links what exists: it inherits nothing and keeps its mode. */
    private final boolean exists;

    Placement(Caller caller, DirNode parent, Name name, int mode, boolean exists) {
      this.caller = caller;
      this.parent = parent;
      this.name = name;
      this.mode = mode;
      this.exists = exists;
    }

    /** Makes the object and fills its attributes; if that fails, nothing was made. */
    void place(Maker maker, Stat stat) throws ErrnoException {
      if (parent.isRemoved()) {
        throw new ErrnoException(Errno.ENOENT, "creation in a removed directory");
      }
      LayerDir upper = parent.upper();
      int fd = upper.pin();
      try {
        switch (UpperEntry.at(fd, name, upper.layer().format(), new Stat())) {
          case OBJECT -> throw new ErrnoException(Errno.EEXIST, "creation");
          case WHITEOUT -> placeOverWhiteout(fd, maker, stat);
          case MARKED -> placeBesideMark(fd, maker, stat);
          case ABSENT -> {
            if (union.lowerShows(parent, name)) {
              throw new ErrnoException(Errno.EEXIST, "creation");
            }
            make(maker, fd, name, stat);
          }
        }
      } finally {
        upper.unpin();
      }
    }

    /** Creates with the caller's identity, and looks at what was made. */
    private void make(Maker maker, int dirfd, Name as, Stat stat) throws ErrnoException {
      boolean exact = Identity.assume(caller.uid, caller.gid, caller.umask);
      maker.make(dirfd, as);
      try {
        look(dirfd, as, stat);
        if (!exact && !FileMode.isSymlink(mode) && !exists && !Nursery.hasDefaultAcl(dirfd)) {
          applyUmask(dirfd, as, stat);
        }
      } catch (ErrnoException e) {
        unmake(dirfd, as, e);
        throw e;
      }
    }

    private void look(int dirfd, Name as, Stat stat) throws ErrnoException {
      if (!At.stat(dirfd, as, stat)) {
        throw new ErrnoException(Errno.EIO, "new entry " + as + " vanished");
      }
    }

    /** Makes up for a umask of the process that is not the caller's. */
    private void applyUmask(int dirfd, Name as, Stat stat) throws ErrnoException {
      int wanted = mode & FileMode.PERMISSIONS & ~caller.umask;
      int inherited = stat.mode & FileMode.S_ISGID;
      if ((stat.mode & FileMode.PERMISSIONS) != (wanted | inherited)) {
        At.chmod(dirfd, as, wanted | inherited);
        look(dirfd, as, stat);
      }
    }

    private void unmake(int dirfd, Name as, ErrnoException failure) {
      try {
        if (FileMode.isDirectory(mode)) {
          At.rmdir(dirfd, as);
        } else {
          At.unlink(dirfd, as);
        }
      } catch (ErrnoException e) {
        failure.addSuppressed(e);
      }
    }

    /** An AUFS mark goes once the object is there; until then the object wins over it. */
    private void placeBesideMark(int fd, Maker maker, Stat stat) throws ErrnoException {
      make(maker, fd, name, stat);
      try {
        if (FileMode.isDirectory(mode)) {
          union.format.markOpaque(fd, name);
        }
        At.unlink(fd, LayerFormat.aufsWhiteout(name));
      } catch (ErrnoException e) {
        unmake(fd, name, e);
        throw e;
      }
    }

    private void placeOverWhiteout(int fd, Maker maker, Stat stat) throws ErrnoException {
      Nursery nursery = Nursery.open(union.work, fd, exists);
      try {
        Name temporary = union.work.newName();
        make(maker, nursery.fd(), temporary, stat);
        try {
          if (FileMode.isDirectory(mode)) {
            union.format.markOpaque(nursery.fd(), temporary);
            At.rename(nursery.fd(), temporary, fd, name, At.RENAME_EXCHANGE);
            nursery.discard(temporary);
          } else {
            At.rename(nursery.fd(), temporary, fd, name, 0);
          }
        } catch (ErrnoException e) {
          nursery.removeAfter(e, temporary);
          throw e;
        }
        lookAgain(fd, stat);
      } finally {
        nursery.close();
      }
    }

    /** For the change time that the rename gave it; what is known of it already will do. */
    private void lookAgain(int fd, Stat stat) {
      try {
        At.stat(fd, name, stat);
      } catch (ErrnoException e) {
        LOG.warn("change time of the new {} is not known: {}", name, e.getMessage());
      }
    }
  }
}
