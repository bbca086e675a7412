package dev.lamina.overlay.promote;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.linux.UserNamespace;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.node.Layer;
import dev.lamina.overlay.owner.OwnerRecords;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies owner, mode, xattrs and times onto what is being promoted. */
final class MetadataCopy {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataCopy.class);
  private static final AtomicBoolean WARNED = new AtomicBoolean();
  private static final ThreadLocal<NativeMemory> NAMES =
      ThreadLocal.withInitial(() -> NativeMemory.allocate(Xattr.SIZE_MAX));
  private static final ThreadLocal<NativeMemory> VALUE =
      ThreadLocal.withInitial(() -> NativeMemory.allocate(Xattr.SIZE_MAX));

  private MetadataCopy() {}

  /**
   * Gives {@code to} all that {@code stat} and the xattrs of {@code from} say. In this order: chown
   * clears setuid and capabilities, an ACL rests on the mode, and each change moves the times.
   *
   * @param source the layer of {@code from}
   * @param stat owner and mode as that layer keeps them
   * @param owners where the upper keeps them
   */
  static void copy(
      Layer source, int fromDir, Name from, Stat stat, OwnerRecords owners, int toDir, Name to)
      throws ErrnoException {
    owners.write(toDir, to, stat);
    boolean recorded = owners != OwnerRecords.NONE || source.owners() != OwnerRecords.NONE;
    copyXattrs(fromDir, from, source.format(), recorded, toDir, to);
    At.utimens(toDir, to, stat.atime, stat.atimeNanos, stat.mtime, stat.mtimeNanos);
  }

  private static void copyXattrs(
      int fromDir, Name from, LayerFormat format, boolean recorded, int toDir, Name to)
      throws ErrnoException {
    NativeMemory names = NAMES.get();
    NativeMemory value = VALUE.get();
    int end = Xattr.list(fromDir, from, names, 0, Xattr.SIZE_MAX);
    Name attribute = new Name();
    for (int start = 0; start < end; start += attribute.length() + 1) {
      int length = 0;
      while (names.getByte(start + length) != 0) {
        length++;
      }
      attribute.view(names, start, length);
      if (!format.isPrivate(attribute) && !(recorded && OwnerRecords.replaceAttribute(attribute))) {
        copyXattr(fromDir, from, attribute, value, toDir, to);
      }
    }
  }

  private static void copyXattr(
      int fromDir, Name from, Name attribute, NativeMemory value, int toDir, Name to)
      throws ErrnoException {
    int size = Xattr.get(fromDir, from, attribute, value, 0, Xattr.SIZE_MAX);
    if (size < 0) {
      return;
    }
    try {
      Xattr.set(toDir, to, attribute, value, 0, size, 0);
    } catch (ErrnoException e) {
      boolean mayNot = e.errno() == Errno.EPERM && !UserNamespace.isHostRoot();
      if (e.errno() != Errno.EOPNOTSUPP && !mayNot) {
        throw e;
      }
      // An upper without xattrs or ACLs still takes the file: users must not see ENOTSUP.
      if (WARNED.compareAndSet(false, true)) {
        LOG.warn("the upper cannot hold {}; such attributes are left out", attribute);
      }
    }
  }
}
