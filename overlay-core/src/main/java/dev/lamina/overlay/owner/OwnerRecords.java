package dev.lamina.overlay.owner;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import java.nio.charset.StandardCharsets;

/**
 * Where the objects of a layer say whose they are and what they are: in their own attributes, or in
 * an {@link OwnerRecord}, because whoever wrote the layer could not chown and mknod.
 *
 * <p>With records the objects themselves belong to the writer, who must be able to open them. In a
 * {@code user.*} xattr, which only regular files and directories can have (xattr(7)), a device,
 * FIFO or socket is an empty regular file that stands in for it, and a symbolic link has no record:
 * one of the writer's own is shown as root's.
 *
 * <p>The names of the xattrs and what is in them are those of fuse-overlayfs and containers/storage
 * ({@code xattr_permissions}, {@code force_mask}).
 */
public final class OwnerRecords {
  /** None: owner and mode are the objects' own. */
  public static final OwnerRecords NONE = new OwnerRecords();

  /** {@code user.containers.override_stat}, as Lamina's own store has it. */
  public static final OwnerRecords STORE = new OwnerRecords("user.containers.override_stat");

  /**
   * {@code xattr_permissions=2}: the same, or the name that older fuse-overlayfs used. It leaves an
   * outdated record of the other name beside its own, so its own is looked for first.
   */
  public static final OwnerRecords ORDINARY =
      new OwnerRecords("user.fuseoverlayfs.override_stat", "user.containers.override_stat");

  /**
   * {@code xattr_permissions=1}: {@code security.fuseoverlayfs.override_stat}, which root alone may
   * set, on objects of every type.
   */
  public static final OwnerRecords PRIVILEGED =
      new OwnerRecords("security.fuseoverlayfs.override_stat");

  /**
   * What the object itself gets where a record has its mode: its writer's access, nobody else's.
   */
  public static final int FILE_MODE = 0600;

  public static final int DIRECTORY_MODE = 0700;

  private static final byte[] ACL_PREFIX = "system.posix_acl_".getBytes(StandardCharsets.US_ASCII);

  private static final byte[][] RECORD_NAMES = {
    STORE.attributes[0].toBytes(),
    ORDINARY.attributes[0].toBytes(),
    PRIVILEGED.attributes[0].toBytes()
  };

  /** In the order in which they are looked for; new records get the last. */
  private final Name[] attributes;

  private OwnerRecords(String... attributes) {
    this.attributes = new Name[attributes.length];
    for (int i = 0; i < attributes.length; i++) {
      this.attributes[i] = Name.of(attributes[i]);
    }
  }

  private boolean canHaveRecord(int mode) {
    return this == PRIVILEGED || FileMode.isRegular(mode) || FileMode.isDirectory(mode);
  }

  /** Whether an object of this type is stored as a regular file. */
  public boolean standsIn(int mode) {
    return this != NONE && !FileMode.isSymlink(mode) && !canHaveRecord(mode);
  }

  /**
   * Whether {@code attribute} is no attribute of users where layers keep owners in records: a
   * record itself, or an ACL, which would speak of the owner and mode that the object itself has.
   */
  public static boolean replaceAttribute(Name attribute) {
    return isAcl(attribute) || isRecord(attribute);
  }

  /** Whether {@code attribute} is an access or default ACL. */
  public static boolean isAcl(Name attribute) {
    return attribute.startsWith(ACL_PREFIX);
  }

  private static boolean isRecord(Name attribute) {
    for (byte[] name : RECORD_NAMES) {
      if (attribute.contentEquals(name)) {
        return true;
      }
    }
    return false;
  }

  /** Tries whether {@code directory}, which has no record, could have one; EOPNOTSUPP, EPERM. */
  public void probe(int directory) throws ErrnoException {
    if (this != NONE) {
      Name attribute = attributes[attributes.length - 1];
      Xattr.set(directory, attribute, new byte[] {'?'}, 0);
      Xattr.remove(directory, attribute);
    }
  }

  /**
   * Makes a device, FIFO, socket or empty file, or what stands in for it; its owner and mode are
   * still to be written.
   *
   * @param mode type and, where there are no records, permissions
   */
  public void makeNode(int dirfd, Name name, int mode, long device) throws ErrnoException {
    if (this == NONE) {
      At.mknod(dirfd, name, mode, device);
    } else if (standsIn(mode)) {
      At.mknod(dirfd, name, FileMode.S_IFREG | FILE_MODE, 0);
    } else {
      At.mknod(dirfd, name, (mode & FileMode.S_IFMT) | FILE_MODE, device);
    }
  }

  /**
   * Puts owner, mode and device number of the layer's entry {@code name} into {@code stat}, which
   * has its own attributes. A record that cannot be understood counts as none.
   */
  public void read(int dirfd, Name name, Stat stat) throws ErrnoException {
    if (this == NONE) {
      return;
    }
    if (!canHaveRecord(stat.mode)) {
      showOwnAsRoots(stat);
      return;
    }
    OwnerRecord record = OwnerRecord.ofThread();
    for (Name attribute : attributes) {
      if (record.read(dirfd, name, attribute)) {
        record.applyTo(stat);
        return;
      }
    }
  }

  /** As {@link #read(int, Name, Stat)}, of what {@code fd}, which may be O_PATH, stands for. */
  public void read(int fd, Stat stat) throws ErrnoException {
    if (this == NONE) {
      return;
    }
    if (!canHaveRecord(stat.mode)) {
      showOwnAsRoots(stat);
      return;
    }
    OwnerRecord record = OwnerRecord.ofThread();
    for (Name attribute : attributes) {
      if (record.read(fd, attribute)) {
        record.applyTo(stat);
        return;
      }
    }
  }

  private static void showOwnAsRoots(Stat stat) {
    stat.uid = stat.uid == Identity.processUid() ? 0 : stat.uid;
    stat.gid = stat.gid == Identity.processGid() ? 0 : stat.gid;
  }

  /** Gives the layer's entry {@code name} the owner and mode of {@code stat}, and its type. */
  public void write(int dirfd, Name name, Stat stat) throws ErrnoException {
    if (this == NONE) {
      At.chown(dirfd, name, stat.uid, stat.gid);
      if (!stat.isSymlink()) {
        At.chmod(dirfd, name, stat.mode & FileMode.PERMISSIONS);
      }
    } else if (stat.isSymlink() && this != PRIVILEGED) {
      try {
        At.chown(dirfd, name, stat.uid, stat.gid);
      } catch (ErrnoException e) {
        leaveWhereRefused(e);
      }
    } else {
      OwnerRecord.ofThread().set(stat).write(dirfd, name, attributeFor(dirfd, name));
    }
  }

  /** As {@link #write(int, Name, Stat)}, of what {@code fd}, which may be O_PATH, stands for. */
  public void write(int fd, Stat stat) throws ErrnoException {
    if (this == NONE) {
      Fd.chownPath(fd, stat.uid, stat.gid);
      if (!stat.isSymlink()) {
        Fd.chmodPath(fd, stat.mode & FileMode.PERMISSIONS);
      }
    } else if (stat.isSymlink() && this != PRIVILEGED) {
      try {
        Fd.chownPath(fd, stat.uid, stat.gid);
      } catch (ErrnoException e) {
        leaveWhereRefused(e);
      }
    } else {
      OwnerRecord.ofThread().set(stat).write(fd, attributeFor(fd));
    }
  }

  /** A link's owner decides next to nothing; that tar and dpkg can unpack one decides more. */
  private static void leaveWhereRefused(ErrnoException e) throws ErrnoException {
    if (e.errno() != Errno.EPERM && e.errno() != Errno.EINVAL) {
      throw e;
    }
  }

  private Name attributeFor(int dirfd, Name name) throws ErrnoException {
    for (int i = 0; i < attributes.length - 1; i++) {
      if (Xattr.get(dirfd, name, attributes[i]) != null) {
        return attributes[i];
      }
    }
    return attributes[attributes.length - 1];
  }

  private Name attributeFor(int fd) throws ErrnoException {
    OwnerRecord record = OwnerRecord.ofThread();
    for (int i = 0; i < attributes.length - 1; i++) {
      if (record.exists(fd, attributes[i])) {
        return attributes[i];
      }
    }
    return attributes[attributes.length - 1];
  }
}
