package dev.lamina.overlay.promote;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.data.PartialFile;
import dev.lamina.overlay.data.PartialFiles;
import dev.lamina.overlay.event.OverlayEvents;
import dev.lamina.overlay.event.PromotionKind;
import dev.lamina.overlay.format.XattrNamespace;
import dev.lamina.overlay.index.IndexDirectory;
import dev.lamina.overlay.merge.DataLayers;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.Link;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.node.TreeLock;
import dev.lamina.overlay.origin.Origins;
import dev.lamina.overlay.owner.OwnerRecords;
import java.util.ArrayDeque;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copy-up: brings a lower object into the upper before it changes, parents first. The copy is made
 * whole in the work directory and appears by one rename; its parent's times do not move, since
 * nothing changed that a user could see. Of a file whose data is not about to change, it may be a
 * metacopy, which gets its data when that is.
 *
 * <p>Callers hold none of the locks that {@link dev.lamina.overlay.node} lists.
 */
public final class Promoter {
  private static final Logger LOG = LoggerFactory.getLogger(Promoter.class);

  /** For {@link #promote}: all data of the file. */
  public static final long ALL_DATA = Long.MAX_VALUE;

  /** For {@link #promote}: all data, but that of a large file not before {@link #TO_CHANGE}. */
  public static final long TO_OPEN = Long.MAX_VALUE - 1;

  /**
   * For {@link #promote}: the data will change now; that of a large file may come block by block.
   */
  public static final long TO_CHANGE = Long.MAX_VALUE - 2;

  /** For {@link #promote}: a name or attributes will change and the data may stay where it is. */
  public static final long NO_DATA = -1;

  private final WorkDirectory work;
  private final Origins origins;
  private final JoinedFiles joined;
  private final TreeLock lock;
  private final DataLayers dataLayers;
  private final PartialFiles partials;
  private final Preparation preparation;
  private final DataPromotion data;
  private final LongConsumer promoted;
  private final OverlayEvents events;

  /**
   * Makes a promoter.
   *
   * @param origins where copies note what they were made from
   * @param index keeps hard links of lowers together; null where they part
   * @param owners where the upper keeps their owners
   * @param durable whether a copy is on stable storage before it appears
   * @param xattrs where the upper's private ones are
   * @param metacopies whether data may stay below
   * @param dataLayers where data may be that was not looked for yet
   * @param partials large files on their way up
   * @param promoted told the id of every node that came into the upper
   * @param events told of each promotion
   */
  public Promoter(
      WorkDirectory work,
      Origins origins,
      IndexDirectory index,
      OwnerRecords owners,
      TreeLock lock,
      boolean durable,
      XattrNamespace xattrs,
      boolean metacopies,
      DataLayers dataLayers,
      PartialFiles partials,
      LongConsumer promoted,
      OverlayEvents events) {
    this.work = work;
    this.origins = origins;
    this.joined = index == null ? null : new JoinedFiles(index, origins);
    this.lock = lock;
    this.dataLayers = dataLayers;
    this.partials = partials;
    this.preparation =
        new Preparation(work, origins, owners, index, durable, xattrs, metacopies, partials);
    this.data = new DataPromotion(xattrs, lock, durable, partials, events);
    this.promoted = promoted;
    this.events = events;
  }

  /**
   * Makes sure that {@code node} is in the upper.
   *
   * @param dataLimit how many bytes of a regular file's data are still of use there: {@link
   *     #NO_DATA}, 0 when it is about to be truncated, {@link #ALL_DATA}; or what is to become of
   *     the data, {@link #TO_OPEN} or {@link #TO_CHANGE}
   * @throws ErrnoException ENOENT where the data is nowhere
   */
  public void promote(Node node, long dataLimit) throws ErrnoException {
    promote(node, dataLimit, LastTouch.NONE);
  }

  /**
   * As {@link #promote(Node, long)}, with a change of the caller's to the data that comes up; none
   * where all of that is there already, or was copied for a metacopy.
   *
   * @param touch truncates the file where {@code dataLimit} is 0
   */
  public void promote(Node node, long dataLimit, LastTouch touch) throws ErrnoException {
    if (node instanceof DirNode directory) {
      if (!directory.inUpper()) {
        promoteDirectory(directory);
      }
      return;
    }
    FileNode file = (FileNode) node;
    try {
      if (!file.inUpper()) {
        promoteFile(file, dataLimit, touch);
      }
      if (dataLimit != NO_DATA && !file.ownsData()) {
        promoteData(file, dataLimit, touch);
      }
    } finally {
      events.tell();
    }
  }

  private void promoteData(FileNode file, long dataLimit, LastTouch touch) throws ErrnoException {
    findData(file);
    while (!file.ownsData()) {
      if (dataLimit == ALL_DATA && file.data() instanceof PartialFile partial) {
        // Piece by piece: others may use the file meanwhile.
        partials.complete(partial);
      }
      synchronized (file) {
        if (dataLimit != ALL_DATA || !(file.data() instanceof PartialFile)) {
          if (file.ownsData()) {
            return;
          }
          if (dataLimit == 0) {
            data.empty(file, touch);
            promoted.accept(file.id());
          } else if (data.bringUp(file, dataLimit)) {
            promoted.accept(file.id());
          }
          return;
        }
      }
    }
  }

  /** Makes sure that it is known where the data of {@code file} is; whether that is new. */
  @CanIgnoreReturnValue
  public boolean findData(FileNode file) throws ErrnoException {
    if (file.data() instanceof DataSource.Interrupted interrupted) {
      DataSource below = interrupted.below();
      FileNode.Home home =
          below instanceof DataSource.Unsought unsought
              ? dataLayers.find(unsought)
              : (FileNode.Home) below;
      synchronized (file) {
        if (file.data() == interrupted) {
          data.resume(file, interrupted, home);
        }
      }
      return true;
    }
    return dataLayers.find(file);
  }

  /** Makes sure that {@code directory} and all its parents are in the upper. */
  public void promoteDirectory(DirNode directory) throws ErrnoException {
    try {
      promoteMissing(directory);
    } finally {
      events.tell();
    }
  }

  private void promoteMissing(DirNode directory) throws ErrnoException {
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
      OverlayEvents.Running running = events.begun(next);
      try {
        if (promoteOne(next)) {
          events.finished(running, PromotionKind.METADATA, 0);
        }
      } catch (ErrnoException e) {
        events.failed(running, e.errno());
        throw e;
      }
    }
  }

  /** False where somebody else was first. */
  private boolean promoteOne(DirNode directory) throws ErrnoException {
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
        if (directory.inUpper()) {
          return false;
        }
        copyDirectory(directory, parent, link);
        return true;
      } finally {
        parent.unlockNames();
      }
    } finally {
      lock.shared().unlock();
    }
  }

  private void copyDirectory(DirNode directory, DirNode parent, Link link) throws ErrnoException {
    Name temporary = work.newName();
    try {
      preparation.ofDirectory(directory, temporary);
      publish(temporary, parent, link.name());
    } catch (ErrnoException e) {
      work.removeAfter(e, temporary);
      throw e;
    }
    directory.promoteTo(parent.upper().child(link.name()));
    promoted.accept(directory.id());
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
  static void restoreTimes(int directory, Stat before) {
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
    dataLayers.find(file);
    // The data is copied under the file's own monitor alone: nobody else has to wait for it.
    synchronized (file) {
      if (file.inUpper()) {
        return;
      }
      OverlayEvents.Running running = events.started(file);
      Name temporary = work.newName();
      Stat stat = new Stat();
      try {
        Preparation.Copy copy = preparation.ofFile(file, temporary, dataLimit, touch);
        boolean parts = copy.oneOfSeveral() && !file.isJoined();
        if (parts) {
          At.stat(work.fd(), temporary, stat);
        }
        do {
          Link link = file.link();
          if (link != null) {
            promoteMissing(link.parent());
          }
        } while (!(file.isJoined()
            ? publishJoined(file, temporary)
            : publishFile(file, temporary)));
        if (!copy.metacopy()) {
          file.moveData(DataSource.UPPER);
        }
        if (parts) {
          file.becomeDistinct(stat.ino);
        }
        promoted.accept(file.id());
        events.finished(running, copy.kind(), copy.bytes());
      } catch (ErrnoException | RuntimeException e) {
        work.removeAfter(e, temporary);
        events.failed(running, e);
        throw e;
      }
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

  /** As {@link #publishFile}, for the file behind several names of a lower. */
  private boolean publishJoined(FileNode file, Name temporary) throws ErrnoException {
    lock.exclusive().lock();
    try {
      Link link = file.link();
      if (link != null && !link.parent().inUpper()) {
        return false;
      }
      joined.publish(file, work.fd(), temporary, link);
      return true;
    } finally {
      lock.exclusive().unlock();
    }
  }
}
