package dev.lamina.overlay.promote;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.data.PartialFiles;
import dev.lamina.overlay.event.PromotionKind;
import dev.lamina.overlay.format.Metacopy;
import dev.lamina.overlay.format.XattrNamespace;
import dev.lamina.overlay.index.IndexDirectory;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.origin.Origins;
import dev.lamina.overlay.owner.OwnerRecords;

/**
 * The copy that a promotion publishes: made whole in the work directory, where nobody sees it,
 * under a name of the caller's, who also removes it after a failure.
 *
 * <p>Small files are copied at once, with no map of blocks: a file of 64 KiB takes 0.89 ms and an
 * empty one 0.72, so names and attributes are what counts ({@code PromotionBenchmark}, ext4).
 */
final class Preparation {
  private final WorkDirectory work;
  private final Origins origins;
  private final OwnerRecords owners;
  private final IndexDirectory index;
  private final boolean durable;
  private final XattrNamespace xattrs;
  private final boolean metacopies;
  private final PartialFiles partials;

  /** See {@link Promoter}'s. */
  Preparation(
      WorkDirectory work,
      Origins origins,
      OwnerRecords owners,
      IndexDirectory index,
      boolean durable,
      XattrNamespace xattrs,
      boolean metacopies,
      PartialFiles partials) {
    this.work = work;
    this.origins = origins;
    this.owners = owners;
    this.index = index;
    this.durable = durable;
    this.xattrs = xattrs;
    this.metacopies = metacopies;
    this.partials = partials;
  }

  /**
   * What was prepared.
   *
   * @param oneOfSeveral whether the lower file has other names, which are left behind
   * @param metacopy whether it has no data
   * @param bytes of data that were copied
   */
  record Copy(boolean oneOfSeveral, boolean metacopy, PromotionKind kind, long bytes) {
    private static Copy metadata(Stat lower, boolean metacopy) {
      return new Copy(lower.nlink > 1, metacopy, PromotionKind.METADATA, 0);
    }
  }

  /** Makes the copy of a directory, which has no entries. */
  void ofDirectory(DirNode directory, Name temporary) throws ErrnoException {
    LayerDir source = directory.top();
    int from = source.pin();
    try {
      Stat stat = new Stat();
      At.stat(from, stat);
      source.layer().owners().read(from, stat);
      At.mkdir(work.fd(), temporary, 0700);
      copyMetadata(source, from, Name.of("."), stat, temporary);
    } finally {
      source.unpin();
    }
  }

  /**
   * Makes the copy of a file.
   *
   * @param dataLimit as for {@link Promoter#promote}, as is {@code touch}
   * @throws ErrnoException EPERM for an immutable file, EIO for one that is not there any more
   */
  Copy ofFile(FileNode file, Name temporary, long dataLimit, LastTouch touch)
      throws ErrnoException {
    FileNode.Home home = file.lowerHome();
    LayerDir directory = home.directory();
    int from = directory.pin();
    try {
      Name name = Name.of(home.name());
      Stat stat = new Stat();
      if (!At.stat(from, name, stat)) {
        throw new ErrnoException(Errno.EIO, "lower " + directory + "/" + name + " vanished");
      }
      if (stat.immutable) {
        throw new ErrnoException(Errno.EPERM, "lower " + directory + "/" + name + " is immutable");
      }
      directory.layer().owners().read(from, name, stat);
      if (stat.isRegular()) {
        return ofRegular(file, from, stat, temporary, dataLimit, touch);
      }
      if (stat.isSymlink()) {
        At.symlink(Name.of(At.readlink(from, name)), work.fd(), temporary);
      } else {
        owners.makeNode(work.fd(), temporary, stat.mode & FileMode.S_IFMT, stat.rdev);
      }
      copyMetadata(directory, from, name, stat, temporary);
      return Copy.metadata(stat, false);
    } finally {
      directory.unpin();
    }
  }

  private Copy ofRegular(
      FileNode file, int from, Stat stat, Name temporary, long dataLimit, LastTouch touch)
      throws ErrnoException {
    FileNode.Home home = file.lowerHome();
    int flags = OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_RDWR;
    int out = At.open(work.fd(), temporary, flags, 0600);
    try {
      Name name = Name.of(home.name());
      boolean cloned = false;
      PromotionKind kind = PromotionKind.REFLINK;
      long bytes = 0;
      long size = dataLimit == Promoter.NO_DATA ? stat.size : Math.min(stat.size, dataLimit);
      boolean later = metacopies && dataLimit != Promoter.ALL_DATA && partials.wants(size);
      if (metacopies && (dataLimit == Promoter.NO_DATA || later)) {
        cloned = later && size == stat.size && DataPromotion.share(file, out);
        if (!cloned) {
          Fd.truncate(out, stat.size);
          copyMetadata(home.directory(), from, name, stat, temporary);
          // Last, as the kernel: if ext4 puts one outside the inode, it is the one that goes again.
          if (mark(temporary)) {
            return Copy.metadata(stat, true);
          }
        }
      }
      if (!cloned) {
        bytes = DataPromotion.copy(file, out, size);
        kind = DataPromotion.kindOf(size, bytes);
      }
      copyMetadata(home.directory(), from, name, stat, temporary);
      touch.on(out);
      if (durable) {
        Fd.sync(out);
      }
      return new Copy(stat.nlink > 1, false, kind, Math.max(bytes, 0));
    } finally {
      Fd.close(out);
    }
  }

  /** False where the filesystem cannot hold the mark: the data is copied then. */
  private boolean mark(Name temporary) throws ErrnoException {
    try {
      Metacopy.mark(work.fd(), temporary, xattrs);
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.ENOSPC) {
        return false;
      }
      throw e;
    }
  }

  private void copyMetadata(LayerDir source, int from, Name name, Stat stat, Name temporary)
      throws ErrnoException {
    MetadataCopy.copy(source.layer(), from, name, stat, owners, work.fd(), temporary);
    if (index != null && !stat.isDirectory() && stat.nlink > 1) {
      index.mark(source.layer(), from, name, stat, work.fd(), temporary);
    } else {
      origins.record(source, from, name, stat, work.fd(), temporary);
    }
  }
}
