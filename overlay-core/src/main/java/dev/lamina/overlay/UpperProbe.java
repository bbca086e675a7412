package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.OverlayOptions.PrivateXattrs;
import dev.lamina.overlay.format.XattrNamespace;
import dev.lamina.overlay.owner.OwnerRecords;
import dev.lamina.overlay.promote.WorkDirectory;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries in the work directory what the union asks of an upper's filesystem. Without whiteouts or
 * atomic renames there is no union; without xattrs or RENAME_WHITEOUT there is one, and a warning.
 */
final class UpperProbe {
  private static final Logger LOG = LoggerFactory.getLogger(UpperProbe.class);
  private static final Name SELF = Name.of(".");

  private final String label;
  private final WorkDirectory work;

  /** What the union can do without. */
  private final List<String> missing = new ArrayList<>();

  private UpperProbe(String label, WorkDirectory work) {
    this.label = label;
    this.work = work;
  }

  /**
   * Where the private xattrs of an upper go.
   *
   * @param label the upper, for messages
   * @throws ErrnoException EINVAL naming what the filesystem cannot, or what the attempt gave
   */
  static XattrNamespace of(String label, PrivateXattrs wanted, WorkDirectory work)
      throws ErrnoException {
    UpperProbe probe = new UpperProbe(label, work);
    probe.requireWhiteouts();
    XattrNamespace xattrs = probe.xattrs(wanted);
    if (!probe.missing.isEmpty()) {
      LOG.warn("{}: its filesystem has no {}", label, String.join(", no ", probe.missing));
    }
    return xattrs;
  }

  /**
   * Where an upper can keep owners: as wanted, or in the objects themselves where its filesystem
   * has no xattrs, with a warning.
   *
   * @throws ErrnoException EPERM where this process may not set the xattr
   */
  static OwnerRecords owners(String label, OwnerRecords wanted, WorkDirectory work)
      throws ErrnoException {
    try {
      wanted.probe(work.fd());
      return wanted;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EOPNOTSUPP) {
        LOG.warn("{}: its filesystem has no xattrs to keep owners and modes in", label);
        return OwnerRecords.NONE;
      }
      throw e.about("keeping owners in xattrs of " + label);
    }
  }

  private void requireWhiteouts() throws ErrnoException {
    Name whiteout;
    try {
      whiteout = work.makeWhiteout();
    } catch (ErrnoException e) {
      throw refusal("whiteouts (character devices 0:0)", e);
    }
    Name moved = work.newName();
    try {
      rename(whiteout, moved, At.RENAME_NOREPLACE, "RENAME_NOREPLACE");
      // Not another whiteout: of two names of one inode nobody would ask the filesystem.
      Name other = work.newName();
      At.mkdir(work.fd(), other, 0700);
      rename(moved, other, At.RENAME_EXCHANGE, "RENAME_EXCHANGE");
      work.remove(other);
      tryRenameWhiteout(moved);
    } finally {
      work.remove(whiteout);
      work.remove(moved);
    }
  }

  private void rename(Name from, Name to, int flags, String what) throws ErrnoException {
    try {
      At.rename(work.fd(), from, work.fd(), to, flags);
    } catch (ErrnoException e) {
      throw refusal("renames with " + what, e);
    }
  }

  private void tryRenameWhiteout(Name from) throws ErrnoException {
    Name to = work.newName();
    try {
      At.rename(work.fd(), from, work.fd(), to, At.RENAME_WHITEOUT);
      work.remove(to);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EINVAL) {
        throw e.about("in the work directory of " + label);
      }
      missing.add("RENAME_WHITEOUT (renames of what a lower has give EXDEV)");
    }
  }

  /** trusted.* needs CAP_SYS_ADMIN (xattr(7)); some filesystems have only that or neither. */
  private XattrNamespace xattrs(PrivateXattrs wanted) throws ErrnoException {
    if (wanted != PrivateXattrs.USER && takes(XattrNamespace.TRUSTED)) {
      return XattrNamespace.TRUSTED;
    }
    if (wanted != PrivateXattrs.TRUSTED && takes(XattrNamespace.USER)) {
      return XattrNamespace.USER;
    }
    missing.add(
        "extended attributes (those of lowers are left out, directories made in the place of a"
            + " lower's are marked in the AUFS way or give EIO)");
    return switch (wanted) {
      case TRUSTED -> XattrNamespace.TRUSTED;
      case USER -> XattrNamespace.USER;
      case AUTO -> XattrNamespace.ofProcess();
    };
  }

  private boolean takes(XattrNamespace namespace) throws ErrnoException {
    try {
      Xattr.set(work.fd(), SELF, namespace.opaque(), new byte[] {'n'}, 0);
      Xattr.remove(work.fd(), SELF, namespace.opaque());
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EPERM || e.errno() == Errno.EOPNOTSUPP) {
        return false;
      }
      throw e.about("in the work directory of " + label);
    }
  }

  private ErrnoException refusal(String what, ErrnoException cause) {
    return switch (cause.errno()) {
      case Errno.EPERM, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.ENOSYS ->
          new ErrnoException(Errno.EINVAL, label + ": its filesystem has no " + what);
      default -> cause.about("in the work directory of " + label);
    };
  }
}
