package dev.lamina.overlay.promote;

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
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.Link;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.node.TreeLock;
import dev.lamina.overlay.origin.Origins;
import java.util.ArrayDeque;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copy-up: brings a lower object into the upper before it changes, parents first. The copy is made
 * whole in the work directory and appears by one rename; its parent's times do not move, since
 * nothing changed that a user could see.
 *
 * <p>Callers hold none of the locks that {@link dev.lamina.overlay.node} lists.
 */
public final class Promoter {
  private static final Logger LOG = LoggerFactory.getLogger(Promoter.class);

  /** For {@link #promote}: all data of the file. */
  public static final long ALL_DATA = Long.MAX_VALUE;

  private final WorkDirectory work;
  private final Origins origins;
  private final TreeLock lock;
  private final boolean durable;
  private final LongConsumer promoted;

  /**
   * Makes a promoter.
   *
   * @param origins where copies note what they were made from
   * @param durable whether a copy is on stable storage before it appears
   * @param promoted told the id of every node that came into the upper
   */
  public Promoter(
      WorkDirectory work, Origins origins, TreeLock lock, boolean durable, LongConsumer promoted) {
    this.work = work;
    this.origins = origins;
    this.lock = lock;
    this.durable = durable;
    this.promoted = promoted;
  }

  /**
   * Makes sure that {@code node} is in the upper.
   *
   * @param dataLimit how many bytes of a regular file's data are still of use: 0 when it is about
   *     to be truncated, else {@link #ALL_DATA}
   */
  public void promote(Node node, long dataLimit) throws ErrnoException {
    promote(node, dataLimit, LastTouch.NONE);
  }

  /** As {@link #promote(Node, long)}, with a change of its own to a regular file's new copy. */
  public void promote(Node node, long dataLimit, LastTouch touch) throws ErrnoException {
    if (node.inUpper()) {
      return;
    }
    if (node instanceof DirNode directory) {
      promoteDirectory(directory);
    } else {
      promoteFile((FileNode) node, dataLimit, touch);
    }
  }

  /** Makes sure that {@code directory} and all its parents are in the upper. */
  public void promoteDirectory(DirNode directory) throws ErrnoException {
    ArrayDeque<DirNode> missing = new ArrayDeque<>();
    for (DirNode at = directory; !at.inUpper(); ) {
      missing.push(at);
      Link link = at.link();
      if (link == null) {
        throw new ErrnoException(Errno.ENOENT, "promotion of a removed directory");
      }
      at = link.parent();
    }
    for (DirNode next : missing) {
      promoteOne(next);
    }
  }

  private void promoteOne(DirNode directory) throws ErrnoException {
    lock.shared().lock();
    try {
      Link link = directory.link();
      if (link == null) {
        throw new ErrnoException(Errno.ENOENT, "promotion of a removed directory");
      }
      DirNode parent = link.parent();
      parent.lockNames();
      try {
        if (directory.link() != link) {
          throw new ErrnoException(Errno.ENOENT, "promotion of a removed directory");
        }
        if (!directory.inUpper()) {
          copyDirectory(directory, parent, link);
        }
      } finally {
        parent.unlockNames();
      }
    } finally {
      lock.shared().unlock();
    }
  }

  private void copyDirectory(DirNode directory, DirNode parent, Link link) throws ErrnoException {
    LayerDir source = directory.top();
    Name temporary = work.newName();
    int from = source.pin();
    try {
      Stat stat = new Stat();
      At.stat(from, stat);
      At.mkdir(work.fd(), temporary, 0700);
      copyMetadata(source, from, Name.of("."), stat, temporary);
      publish(temporary, parent, link.name());
    } catch (ErrnoException e) {
      work.removeAfter(e, temporary);
      throw e;
    } finally {
      source.unpin();
    }
    directory.promoteTo(parent.upper().child(link.name()));
    promoted.accept(directory.id());
  }

  private void copyMetadata(LayerDir source, int from, Name name, Stat stat, Name temporary)
      throws ErrnoException {
    MetadataCopy.copy(from, name, source.layer().format(), stat, work.fd(), temporary);
    origins.record(source, from, name, stat, work.fd(), temporary);
  }

  /** Renames what was prepared into the upper and puts the parent's times back. */
  private void publish(Name temporary, DirNode parent, byte[] name) throws ErrnoException {
    LayerDir upper = parent.upper();
    int to = upper.pin();
    try {
      Stat before = new Stat();
      At.stat(to, before);
      origins.markImpure(parent, to);
      At.rename(work.fd(), temporary, to, Name.of(name), At.RENAME_NOREPLACE);
      restoreTimes(to, before);
    } finally {
      upper.unpin();
    }
  }

  /** The copy is in its place by now: what fails here must not make it look absent. */
  private static void restoreTimes(int directory, Stat before) {
    try {
      At.utimens(
          directory,
          Name.of("."),
          before.atime,
          before.atimeNanos,
          before.mtime,
          before.mtimeNanos);
    } catch (ErrnoException e) {
      LOG.warn("times of a directory moved by a promotion: {}", e.getMessage());
    }
  }

  private void promoteFile(FileNode file, long dataLimit, LastTouch touch) throws ErrnoException {
    // The data is copied under the file's own monitor alone: nobody else has to wait for it.
    synchronized (file) {
      if (file.inUpper()) {
        return;
      }
      Name temporary = work.newName();
      Stat stat = new Stat();
      try {
        boolean oneOfSeveral = prepare(file.lowerHome(), temporary, dataLimit, touch);
        if (oneOfSeveral) {
          At.stat(work.fd(), temporary, stat);
        }
        do {
          Link link = file.link();
          if (link != null) {
            promoteDirectory(link.parent());
          }
        } while (!publishFile(file, temporary));
        if (oneOfSeveral) {
          file.becomeDistinct(stat.ino);
        }
        promoted.accept(file.id());
      } catch (ErrnoException e) {
        work.removeAfter(e, temporary);
        throw e;
      }
    }
  }

  /** Makes the copy; whether the lower file has other names, which are left behind. */
  private boolean prepare(FileNode.Home home, Name temporary, long dataLimit, LastTouch touch)
      throws ErrnoException {
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
      if (stat.isRegular()) {
        prepareRegular(directory, from, name, stat, temporary, dataLimit, touch);
        return stat.nlink > 1;
      }
      if (stat.isSymlink()) {
        At.symlink(Name.of(At.readlink(from, name)), work.fd(), temporary);
      } else {
        At.mknod(work.fd(), temporary, stat.mode & FileMode.S_IFMT, stat.rdev);
      }
      copyMetadata(directory, from, name, stat, temporary);
      return stat.nlink > 1;
    } finally {
      directory.unpin();
    }
  }

  private void prepareRegular(
      LayerDir directory,
      int from,
      Name name,
      Stat stat,
      Name temporary,
      long dataLimit,
      LastTouch touch)
      throws ErrnoException {
    int in = At.openQuietly(from, name, OpenFlags.O_RDONLY);
    try {
      int flags = OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_RDWR;
      int out = At.open(work.fd(), temporary, flags, 0600);
      try {
        DataCopy.copy(in, out, Math.min(stat.size, dataLimit), dataLimit >= stat.size);
        copyMetadata(directory, from, name, stat, temporary);
        touch.on(out, work.fd(), temporary);
        if (durable) {
          Fd.sync(out);
        }
      } finally {
        Fd.close(out);
      }
    } finally {
      Fd.close(in);
    }
  }

  /**
   * Gives the copy its name, or none when the file lost its own while it was copied; false when the
   * file was renamed meanwhile, to a place that may have to be promoted first.
   */
  private boolean publishFile(FileNode file, Name temporary) throws ErrnoException {
    lock.shared().lock();
    try {
      Link link = file.link();
      if (link == null) {
        file.keepOrphan(At.open(work.fd(), temporary, OpenFlags.O_PATH, 0));
        file.markPromoted();
        work.discard(temporary);
        return true;
      }
      link.parent().lockNames();
      try {
        if (file.link() != link || !link.parent().inUpper()) {
          return false;
        }
        publish(temporary, link.parent(), link.name());
        file.markPromoted();
        return true;
      } finally {
        link.parent().unlockNames();
      }
    } finally {
      lock.shared().unlock();
    }
  }
}
