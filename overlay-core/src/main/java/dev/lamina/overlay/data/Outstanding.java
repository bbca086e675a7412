package dev.lamina.overlay.data;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.event.OverlayEvents;
import dev.lamina.overlay.event.PromotionKind;
import dev.lamina.overlay.node.NodeTable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that are partial now, with the names of their maps. Each has a reference to its node,
 * which is given back when it goes. Thread-safe.
 */
final class Outstanding {
  private static final Logger LOG = LoggerFactory.getLogger(Outstanding.class);

  /** Files that may be partial at one time, at three descriptors each; more are copied at once. */
  private static final int MOST = 64;

  /** Bytes that they may have together: 16 MiB of bitmaps in memory, and twice that on disk. */
  private static final long MOST_BYTES = 1L << 39;

  private final MapDirectory maps;
  private final NodeTable table;
  private final OverlayEvents events;
  private final Map<PartialFile, Name> files = new ConcurrentHashMap<>();

  Outstanding(MapDirectory maps, NodeTable table, OverlayEvents events) {
    this.maps = maps;
    this.table = table;
    this.events = events;
  }

  /** Whether one more, of so many bytes, may become partial. */
  boolean hasRoomFor(long bytes) {
    if (files.size() >= MOST) {
      return false;
    }
    long known = 0;
    for (PartialFile file : files.keySet()) {
      known += file.map.size();
    }
    return known + bytes <= MOST_BYTES;
  }

  void add(PartialFile file, Name map) {
    table.retain(file.node);
    files.put(file, map);
  }

  int size() {
    return files.size();
  }

  List<PartialFile> list() {
    return List.copyOf(files.keySet());
  }

  /** The file is partial no longer, or is nobody's; false where somebody else was first. */
  @CanIgnoreReturnValue
  boolean drop(PartialFile file) {
    Name name = files.remove(file);
    if (name == null) {
      return false;
    }
    try {
      maps.remove(name);
    } catch (ErrnoException e) {
      LOG.debug("lamina-partial/{} stays for now: {}", name, e.getMessage());
    }
    file.letGo();
    table.release(file.node, 1);
    events.finished(file.running, PromotionKind.PARTIAL, file.copied.get());
    return true;
  }

  /** Drops files that nobody has open and that have no name any more. */
  void dropAbandoned() {
    for (PartialFile file : files.keySet()) {
      if (isAbandoned(file)) {
        drop(file);
      }
    }
  }

  /** Whether nobody can get at the file; it may have names that nobody looked up yet. */
  boolean isAbandoned(PartialFile file) {
    if (!table.isAbandoned(file.node, 1)) {
      return false;
    }
    try {
      Stat stat = new Stat();
      At.stat(file.content.upper, stat);
      return stat.nlink == 0;
    } catch (ErrnoException e) {
      return false;
    }
  }

  /** The next mount goes on with it. */
  void leave(PartialFile file) {
    if (files.remove(file) != null) {
      events.failed(file.running, Errno.ECANCELED);
      file.letGo();
    }
  }

  /** The next mount goes on with all. */
  void abandon() {
    files.keySet().forEach(PartialFile::letGo);
    files.clear();
  }
}
