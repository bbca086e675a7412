package dev.lamina.overlay;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.UserNamespace;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.owner.OwnerRecords;
import dev.lamina.overlay.promote.Promoter;
import java.nio.charset.StandardCharsets;

/**
 * Extended attributes as users of the merged tree see them. The union's own are hidden; those that
 * a user names like the union's (an overlay inside) are stored escaped, as kernel overlayfs stores
 * them: {@code trusted.overlay.X} as {@code trusted.overlay.overlay.X}.
 */
final class ExtendedAttributes {
  private static final int LONGEST_NAME = 255;
  private static final byte[] USER_PREFIX = "user.".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TRUSTED_PREFIX = "trusted.".getBytes(StandardCharsets.US_ASCII);
  private static final byte[][] NAMESPACES = {
    USER_PREFIX,
    TRUSTED_PREFIX,
    "security.".getBytes(StandardCharsets.US_ASCII),
    "system.".getBytes(StandardCharsets.US_ASCII)
  };
  private static final ThreadLocal<NativeMemory> LIST =
      ThreadLocal.withInitial(() -> NativeMemory.allocate(Xattr.SIZE_MAX));

  private final Union union;

  ExtendedAttributes(Union union) {
    this.union = union;
  }

  int get(Node node, Name name, NativeMemory value, int at, int size) throws ErrnoException {
    Name stored = stored(name);
    if (isHidden(stored)) {
      return -1;
    }
    int length = union.onObject(node, object -> object.getxattr(stored, value, at, size));
    if (size > 0 && length > 0 && OwnerRecords.isAcl(name)) {
      union.ownership.showAcl(value, at, length);
    }
    return length;
  }

  void set(Node node, Name name, NativeMemory value, int at, int size, int flags)
      throws ErrnoException {
    union.requireWritable();
    Name stored = stored(name);
    boolean acl = OwnerRecords.isAcl(name);
    if (isHidden(stored)) {
      // A mark of another dialect, which a user of the merged tree could hide a lower with, or a
      // record, with which he could become root; ACLs are a matter of what there is.
      throw new ErrnoException(acl ? Errno.EOPNOTSUPP : Errno.EPERM, "setxattr");
    }
    if (acl && size <= Xattr.SIZE_MAX) {
      NativeMemory mapped = LIST.get();
      mapped.copyFrom(0, value, at, size);
      union.ownership.storeAcl(mapped, 0, size);
      setStored(node, stored, mapped, 0, size, flags);
    } else {
      setStored(node, stored, value, at, size, flags);
    }
  }

  private void setStored(Node node, Name stored, NativeMemory value, int at, int size, int flags)
      throws ErrnoException {
    union.promoter.promote(node, Promoter.NO_DATA);
    Union.changeAttributes(
        node,
        () ->
            union.onObject(
                node,
                object -> {
                  object.setxattr(stored, value, at, size, flags);
                  return 0;
                }));
  }

  void remove(Node node, Name name) throws ErrnoException {
    union.requireWritable();
    if (get(node, name, LIST.get(), 0, 0) < 0) {
      if (OwnerRecords.isAcl(name) && node.inUpper()) {
        // As on any filesystem: no ACL and an ACL that says what the mode says are the same.
        return;
      }
      if (name.startsWith(USER_PREFIX) && !node.isDirectory() && node.type() != FileMode.S_IFREG) {
        // xattr(7): only regular files and directories have those at all.
        throw new ErrnoException(Errno.EPERM, "removexattr");
      }
      // As kernel overlayfs: what is not there needs no promotion to fail.
      throw new ErrnoException(Errno.ENODATA, "removexattr");
    }
    Name stored = stored(name);
    union.promoter.promote(node, Promoter.NO_DATA);
    Union.changeAttributes(
        node,
        () ->
            union.onObject(
                node,
                object -> {
                  object.removexattr(stored);
                  return 0;
                }));
  }

  /** Whether users of the merged tree do not see the attribute that is stored as {@code stored}. */
  private boolean isHidden(Name stored) {
    return union.format.isPrivate(stored)
        || (union.recordsOwners && OwnerRecords.replaceAttribute(stored));
  }

  private Name stored(Name name) throws ErrnoException {
    if (name.length() == 0 || name.length() > LONGEST_NAME) {
      throw new ErrnoException(Errno.ERANGE, "xattr name of " + name.length() + " bytes");
    }
    if (!hasNamespace(name)) {
      throw new ErrnoException(Errno.EOPNOTSUPP, "xattr " + name);
    }
    if (union.format.xattrs().isPrefix(name)) {
      throw new ErrnoException(Errno.EINVAL, "xattr " + name);
    }
    return union.format.xattrs().toStored(name, new Name());
  }

  /** Whether any filesystem could have it: xattr(7). */
  private static boolean hasNamespace(Name name) {
    for (byte[] namespace : NAMESPACES) {
      if (name.startsWith(namespace)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Lists what {@code caller} may see. The kernel hides the values of trusted attributes itself,
   * but leaves the list to the filesystem.
   */
  int list(Caller caller, Node node, NativeMemory list, int at, int size) throws ErrnoException {
    NativeMemory raw = LIST.get();
    int end = union.onObject(node, object -> object.listxattr(raw, 0, raw.size()));
    return filter(caller, raw, end, list, at, size);
  }

  /** xattr(7): for CAP_SYS_ADMIN. Two small files of proc(5), asked where there is one to hide. */
  private static boolean mayKnowOfTrusted(Caller caller) {
    return caller.pid != 0 && UserNamespace.hasCapability(caller.pid, UserNamespace.CAP_SYS_ADMIN);
  }

  /** Copies the names that users may see; only counts when {@code size} is 0. */
  private int filter(Caller caller, NativeMemory raw, int end, NativeMemory list, int at, int size)
      throws ErrnoException {
    LayerFormat format = union.format;
    Name stored = new Name();
    Name visible = new Name();
    int used = 0;
    for (int start = 0; start < end; start += stored.length() + 1) {
      int length = 0;
      while (raw.getByte(start + length) != 0) {
        length++;
      }
      stored.view(raw, start, length);
      if (isHidden(stored) || (stored.startsWith(TRUSTED_PREFIX) && !mayKnowOfTrusted(caller))) {
        continue;
      }
      Name shown = format.xattrs().toVisible(stored, visible);
      int needed = shown.length() + 1;
      if (size > 0) {
        if (used + needed > size) {
          throw new ErrnoException(Errno.ERANGE, "listxattr");
        }
        list.put(at + used, shown.toBytes(), 0, shown.length());
        list.putByte(at + used + shown.length(), (byte) 0);
      }
      used += needed;
    }
    return used;
  }
}
