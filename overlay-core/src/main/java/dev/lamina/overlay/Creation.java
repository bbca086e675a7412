package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.IndexHome;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.Link;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.node.RealObject;
import dev.lamina.overlay.owner.OwnerRecords;
import dev.lamina.overlay.promote.Promoter;

/**
 * New names: files, directories, nodes, symbolic and hard links.
 *
 * <p>Where nothing is at the name, the one system call that creates is the one that publishes, made
 * under the caller's identity in the upper's own directory, so that owner, setgid inheritance and
 * default ACLs are the filesystem's doing. Where a whiteout is, or owners go into xattrs, the
 * object is made in work and renamed into its place.
 */
final class Creation {
  private final Union union;

  /** Whether the upper's objects are made as the server's own, and owner and mode recorded. */
  private final boolean recorded;

  Creation(Union union) {
    this.union = union;
    this.recorded = union.owners != OwnerRecords.NONE;
  }

  void mknod(Caller caller, long parent, Name name, int mode, long device, Entry out)
      throws ErrnoException {
    if (FileMode.isCharDevice(mode) && device == 0) {
      // A whiteout: kernel overlayfs lets nobody make one in the merged tree.
      requireAbsent(parent, name);
      throw new ErrnoException(Errno.EPERM, "mknod of a whiteout");
    }
    Placement.Maker maker = (fd, n) -> union.owners.makeNode(fd, n, mode, device);
    create(caller, parent, name, mode, device, maker, out);
  }

  void mkdir(Caller caller, long parent, Name name, int mode, Entry out) throws ErrnoException {
    // As mkdir(2): setuid and setgid are not for the asking.
    int kept = mode & (0777 | FileMode.S_ISVTX);
    int real = recorded ? OwnerRecords.DIRECTORY_MODE : kept;
    int type = FileMode.S_IFDIR | kept;
    create(caller, parent, name, type, 0, (fd, n) -> At.mkdir(fd, n, real), out);
  }

  private void requireAbsent(long parentId, Name name) throws ErrnoException {
    Node known = union.names.lookup(union.directory(parentId), name, new Stat());
    if (known != null) {
      union.table.release(known, 1);
      throw new ErrnoException(Errno.EEXIST, "creation");
    }
  }

  void symlink(Caller caller, long parent, Name name, Name target, Entry out)
      throws ErrnoException {
    int type = FileMode.S_IFLNK | 0777;
    create(caller, parent, name, type, 0, (fd, n) -> At.symlink(target, fd, n), out);
  }

  /** Makes a regular file and opens it in the same call; the descriptor is the caller's. */
  int createFile(Caller caller, long parent, Name name, int mode, int flags, Entry out)
      throws ErrnoException {
    int type = FileMode.S_IFREG | (mode & FileMode.PERMISSIONS);
    int real = recorded ? OwnerRecords.FILE_MODE : mode & FileMode.PERMISSIONS;
    FileMaker maker = new FileMaker(flags | OpenFlags.O_CREAT | OpenFlags.O_EXCL, real);
    try {
      create(caller, parent, name, type, 0, maker, out);
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
    NewOwner owner = new NewOwner(union, caller);
    boolean exact = owner.assumeIdentity();
    int real = recorded ? OwnerRecords.FILE_MODE : mode;
    int fd = At.open(dirfd, Nursery.SELF, flags | OpenFlags.O_TMPFILE, real);
    int path = -1;
    try {
      if (recorded) {
        union.owners.write(fd, owner.inherit(dirfd, FileMode.S_IFREG | mode, 0));
      } else if (!exact && !Nursery.hasDefaultAcl(dirfd)) {
        Fd.chmod(fd, mode & ~caller.umask);
      }
      path = Fd.reopen(fd, OpenFlags.O_PATH);
      At.stat(fd, out.stat);
      union.owners.read(fd, out.stat);
      FileNode node = union.table.addNameless(ino(parent, out.stat), out.stat.mode, path);
      union.shown.present(node, out.stat);
      out.stat.nlink = 0;
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
  private static final class FileMaker implements Placement.Maker {
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

  private void create(
      Caller caller,
      long parentId,
      Name name,
      int mode,
      long device,
      Placement.Maker maker,
      Entry out)
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
        Placement placement = Placement.ofNew(union, caller, parent, name, mode, device);
        placement.place(maker, out.stat);
        Node node = addNew(parent, name, out.stat);
        if (placement.isAlone()) {
          node.link().markAlone();
        }
        Union.fill(node, out);
      } finally {
        parent.unlockNames();
      }
    } finally {
      union.lock.shared().unlock();
    }
  }

  /** The node of what was just made in the upper, with one reference; {@code stat} is stored. */
  private Node addNew(DirNode parent, Name name, Stat stat) throws ErrnoException {
    LayerDir upper = parent.upper();
    byte[] bytes = name.toBytes();
    Node node;
    if (stat.isDirectory()) {
      LayerDir[] parts = {upper.child(bytes)};
      node = union.table.addDirectory(parent, bytes, upper.layer().ino(stat.ino), parts);
    } else {
      node = union.names.addUpperFile(parent, bytes, stat);
    }
    union.shown.present(node, stat);
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
    union.promoter.promote(node, Promoter.NO_DATA);
    if (!linkPromoted(node, newParent, newName, out)) {
      union.promoter.promote(node, Promoter.ALL_DATA);
      linkPromoted(node, newParent, newName, out);
    }
  }

  /** False where a metacopy has to get its data first, since two names cannot lead to it. */
  private boolean linkPromoted(FileNode node, DirNode newParent, Name newName, Entry out)
      throws ErrnoException {
    // Two directories at once: nobody else is at work meanwhile.
    union.lock.exclusive().lock();
    try {
      newParent.lockNames();
      try {
        if (!keepData(node)) {
          return false;
        }
        carryOrigin(node, newParent);
        union.settleCount(node);
        statStored(node, out.stat);
        Placement.ofExisting(union, newParent, newName, node.type())
            .place((fd, name) -> linkTo(node, fd, name), out.stat);
        union.table.retain(node);
        union.table.addLink(node, newParent, newName.toBytes());
        union.table.noteHardLinked(out.stat.ino, node);
        union.shown.present(node, out.stat);
        Union.fill(node, out);
        return true;
      } finally {
        newParent.unlockNames();
      }
    } finally {
      union.lock.exclusive().unlock();
    }
  }

  private boolean keepData(FileNode node) throws ErrnoException {
    Link link = node.link();
    return link == null
        ? node.ownsData()
        : union.redirects.keepData(node, link.parent(), Name.of(link.name()), false);
  }

  private void carryOrigin(FileNode node, DirNode newParent) throws ErrnoException {
    int to = newParent.upper().pin();
    try {
      Link link = node.link();
      if (link == null || node.indexHome() != null) {
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

  private void statStored(FileNode node, Stat stat) throws ErrnoException {
    RealObject object = RealObject.ofThread(node);
    try {
      union.shown.statStored(object, stat);
    } finally {
      object.letGo();
    }
  }

  private static void linkTo(FileNode node, int toDir, Name to) throws ErrnoException {
    IndexHome index = node.indexHome();
    if (index != null) {
      At.link(index.directory(), Name.of(index.name()), toDir, to);
      return;
    }
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
}
