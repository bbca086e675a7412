package dev.lamina.overlay.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * All nodes that somebody may name, by id and by (parent, name), and upper files with several names
 * by inode, as files of lowers where there is an index. Keeps count of references and drops what
 * nobody can name any more, so memory follows what the kernel remembers.
 *
 * <p>Names are changed under the parent's name lock; this table's own lock is a leaf.
 */
public final class NodeTable {
  private final SlotTable<Node> byId = new SlotTable<>(1);

  /** Upper inode number to node, for non-directories with more than one name. */
  @GuardedBy("this")
  private final Map<Long, FileNode> hardLinked = new HashMap<>();

  /** Files with several names in a lower, which stay together over promotion. */
  @GuardedBy("this")
  private final Map<LowerInode, FileNode> joined = new HashMap<>();

  @GuardedBy("this")
  private final LinkTable links = new LinkTable();

  @GuardedBy("this")
  private long nextGeneration;

  private final DirNode root;

  /** A table with a root made up of {@code parts}; the root is never dropped. */
  public NodeTable(long rootIno, LayerDir[] parts) {
    root = new DirNode(byId.reserve(), 0, rootIno, parts);
    root.references = 1;
    byId.set(root.id(), root);
  }

  /** The root of the merged tree. */
  public DirNode root() {
    return root;
  }

  /** The node of {@code id}, or null. Takes no lock. */
  public Node get(long id) {
    return byId.get(id);
  }

  /** The node known as {@code name} in {@code parent}, with one more reference; or null. */
  public synchronized Node acquire(DirNode parent, Name name) {
    Link link = links.find(parent, name);
    if (link == null) {
      return null;
    }
    link.node.references++;
    return link.node;
  }

  /** The node known as {@code name} in {@code parent}, or null; takes no reference. */
  public synchronized Node peek(DirNode parent, Name name) {
    Link link = links.find(parent, name);
    return link == null ? null : link.node;
  }

  /** The name {@code name} in {@code parent}, or null where it is not known. */
  public synchronized Link link(DirNode parent, Name name) {
    return links.find(parent, name);
  }

  /** Adds a directory with one reference. */
  public synchronized DirNode addDirectory(
      DirNode parent, byte[] name, long ino, LayerDir[] parts) {
    DirNode node = new DirNode(byId.reserve(), ++nextGeneration, ino, parts);
    publish(node, parent, name);
    return node;
  }

  /**
   * Adds a file with one reference.
   *
   * @param lowerHome where it lives in a lower, or null for a file of the upper
   * @param data where its data is
   */
  public synchronized FileNode addFile(
      DirNode parent, byte[] name, long ino, int type, FileNode.Home lowerHome, DataSource data) {
    FileNode node = newFile(ino, type, lowerHome, data);
    publish(node, parent, name);
    return node;
  }

  /**
   * Adds a file of the upper that has no name yet, with one reference.
   *
   * @param path an {@code O_PATH} descriptor of it, which the node takes over
   */
  public synchronized FileNode addNameless(long ino, int type, int path) {
    FileNode node = newFile(ino, type, null, DataSource.UPPER);
    node.keepOrphan(path);
    node.references = 1;
    byId.set(node.id(), node);
    return node;
  }

  @GuardedBy("this")
  private FileNode newFile(long ino, int type, FileNode.Home lowerHome, DataSource data) {
    return new FileNode(
        byId.reserve(), ++nextGeneration, ino, type & FileMode.S_IFMT, lowerHome, data);
  }

  @GuardedBy("this")
  private void publish(Node node, DirNode parent, byte[] name) {
    node.references = 1;
    byId.set(node.id(), node);
    links.add(node, parent, name);
  }

  /**
   * The node of a file of the upper by one more of its names, with one more reference: the one that
   * its other names led to, or a new one. In one step, so that no inode ever has two nodes.
   *
   * @param realIno its inode number in the upper
   * @param ino its inode number in the merged tree, for a new node
   * @param severalNames whether it has other names, which may be looked up later
   * @param data where its data is, for a new node
   */
  public synchronized FileNode addUpperFile(
      DirNode parent,
      byte[] name,
      long realIno,
      long ino,
      int type,
      boolean severalNames,
      DataSource data) {
    // Also where only one name is left: it may have had others when its node was made.
    FileNode known = hardLinked.get(realIno);
    if (known != null) {
      known.references++;
      links.add(known, parent, name);
      return known;
    }
    FileNode node = addFile(parent, name, ino, type, null, data);
    if (severalNames) {
      noteHardLinked(realIno, node);
    }
    return node;
  }

  /**
   * The node of a lower inode by one more of its names, with one more reference: the one that its
   * other names led to, or a new one. In one step, as {@link #addUpperFile}.
   *
   * @param ino its number in the merged tree, for a new node
   * @param data where its data is, for a new node
   * @param lowerHome where it lives in a lower, for a new node that is not promoted
   * @param indexHome where it lives in the upper, for a new node that is; else null
   */
  public synchronized FileNode addJoined(
      DirNode parent,
      byte[] name,
      LowerInode inode,
      long ino,
      int type,
      DataSource data,
      FileNode.Home lowerHome,
      IndexHome indexHome) {
    FileNode known = acquireJoined(parent, name, inode);
    if (known != null) {
      return known;
    }
    FileNode node = addFile(parent, name, ino, type, lowerHome, data);
    if (indexHome != null) {
      node.markIndexed(indexHome);
    }
    node.lowerInode = inode;
    joined.put(inode, node);
    return node;
  }

  /**
   * The node that other names of {@code inode} led to, by one more of its names and with one more
   * reference; null where none is known.
   */
  public synchronized FileNode acquireJoined(DirNode parent, byte[] name, LowerInode inode) {
    FileNode known = joined.get(inode);
    if (known != null) {
      known.references++;
      links.add(known, parent, name);
    }
    return known;
  }

  /** The inode's names are all gone: {@code node} is not found by it any more. */
  public synchronized void forgetJoined(FileNode node) {
    if (node.lowerInode != null) {
      joined.remove(node.lowerInode, node);
      node.lowerInode = null;
    }
  }

  /** Remembers that {@code node} has, or may get, several names in the upper. */
  public synchronized void noteHardLinked(long ino, FileNode node) {
    hardLinked.put(ino, node);
    node.hardLinkIno = ino;
  }

  /** Gives {@code node} one more name. */
  public synchronized void addLink(Node node, DirNode parent, byte[] name) {
    links.add(node, parent, name);
  }

  /**
   * Takes a name away; the node stays as long as it is referenced. Absent is no error.
   *
   * @param path an {@code O_PATH} descriptor of the upper file that had the name, or -1
   * @return whether {@code path} was taken over, because this was the file's last known name and
   *     somebody may still have it open
   */
  public synchronized boolean removeLink(DirNode parent, Name name, int path) {
    Link link = links.find(parent, name);
    if (link == null) {
      return false;
    }
    boolean taken = false;
    if (path >= 0
        && link.node instanceof FileNode file
        && link == file.links
        && link.nextOfNode == null
        && file.orphan() < 0) {
      // Before the link goes: whoever sees no link must find the descriptor.
      file.keepOrphan(path);
      taken = true;
    }
    links.remove(link);
    return taken;
  }

  /** Renames; nothing is known by the new name any more. */
  public synchronized void moveLink(DirNode parent, Name name, DirNode newParent, Name newName) {
    Link source = links.find(parent, name);
    if (source != null) {
      links.add(source.node, newParent, newName.toBytes());
      links.remove(source);
    }
  }

  /** Exchanges what two names stand for. */
  public synchronized void exchangeLinks(DirNode a, Name nameA, DirNode b, Name nameB) {
    Link linkA = links.find(a, nameA);
    Link linkB = links.find(b, nameB);
    if (linkA != null) {
      links.add(linkA.node, b, nameB.toBytes());
    }
    if (linkB != null) {
      links.add(linkB.node, a, nameA.toBytes());
    }
    if (linkA != null) {
      links.remove(linkA);
    }
    if (linkB != null) {
      links.remove(linkB);
    }
  }

  /**
   * Gives {@code node} another id, which its names lead to from now on; {@code id} goes on meaning
   * it for as long as it lives. Nothing where {@code id} is a former one already.
   */
  public synchronized void renew(FileNode node, long id) {
    if (node.id() != id || byId.get(id) != node) {
      return;
    }
    long[] former = node.formerIds;
    node.formerIds = former == null ? new long[1] : Arrays.copyOf(former, former.length + 1);
    node.formerIds[node.formerIds.length - 1] = id;
    long renewed = byId.reserve();
    byId.set(renewed, node);
    node.changeId(renewed);
  }

  /** One more reference to {@code node}, which is referenced already. */
  public synchronized void retain(Node node) {
    node.references++;
  }

  /** Whether {@code node} has no name and no more than {@code own} references. */
  public synchronized boolean isAbandoned(Node node, long own) {
    return node.links == null && node.references <= own;
  }

  /** Gives {@code count} references back and drops what nobody can name any more. */
  public synchronized void release(Node node, long count) {
    node.references -= Math.min(count, node.references);
    dropIfUnused(node);
  }

  /** How many nodes there are, the root included. */
  public int size() {
    return byId.size();
  }

  /** Closes the descriptors that nodes own; the table is of no use afterwards. */
  public synchronized void close() {
    byId.forEach(
        node -> {
          if (node instanceof FileNode file && file.orphan() >= 0) {
            Fd.close(file.orphan());
            // A node with several ids comes by several times.
            file.keepOrphan(-1);
          }
        });
  }

  @GuardedBy("this")
  private void dropIfUnused(Node start) {
    Node node = start;
    while (node != null && node != root && node.references == 0 && !hasChildren(node)) {
      if (byId.remove(node.id()) == null) {
        return;
      }
      DirNode parent = node.links == null ? null : node.links.parent;
      while (node.links != null) {
        // A file's further names may be in other directories, which may become unused as well.
        Link link = node.links;
        links.remove(link);
        if (link.parent != parent) {
          dropIfUnused(link.parent);
        }
      }
      releaseResources(node);
      node = parent;
    }
  }

  private static boolean hasChildren(Node node) {
    return node instanceof DirNode directory && directory.children > 0;
  }

  @GuardedBy("this")
  private void releaseResources(Node node) {
    if (node instanceof DirNode directory) {
      directory.releaseDescriptors();
    } else if (node instanceof FileNode file) {
      if (file.orphan() >= 0) {
        Fd.close(file.orphan());
      }
      if (file.formerIds != null) {
        for (long id : file.formerIds) {
          byId.remove(id);
        }
      }
      if (file.hardLinkIno != 0) {
        hardLinked.remove(file.hardLinkIno, file);
      }
      forgetJoined(file);
    }
  }
}
