package dev.lamina.overlay.node;

import dev.lamina.linux.Name;
import java.util.Objects;

/**
 * The names of nodes, by directory and name: a hash table whose entries are the {@link Link}s
 * themselves, so that a name that is looked up costs no object. Not thread-safe: {@link NodeTable}
 * guards it.
 */
final class LinkTable {
  private Link[] buckets = new Link[1024];
  private int count;

  /** The name {@code name} in {@code parent}, or null. */
  Link find(DirNode parent, Name name) {
    int hash = hash(parent, name.contentHash());
    for (Link link = buckets[hash & (buckets.length - 1)]; link != null; link = link.nextInBucket) {
      if (link.hash == hash && link.parent == parent && name.contentEquals(link.name)) {
        return link;
      }
    }
    return null;
  }

  /** Gives {@code node} one more name, which becomes its first. */
  void add(Node node, DirNode parent, byte[] name) {
    Link link = new Link(node, parent, name, hash(parent, Name.contentHash(name)));
    link.nextOfNode = node.links;
    node.links = link;
    parent.children++;
    if (++count > buckets.length) {
      grow();
    }
    int bucket = link.hash & (buckets.length - 1);
    link.nextInBucket = buckets[bucket];
    buckets[bucket] = link;
  }

  /** Takes a name away from its node and its directory. */
  void remove(Link gone) {
    int bucket = gone.hash & (buckets.length - 1);
    if (buckets[bucket] == gone) {
      buckets[bucket] = gone.nextInBucket;
    } else {
      Link before = buckets[bucket];
      while (before.nextInBucket != gone) {
        before = Objects.requireNonNull(before.nextInBucket);
      }
      before.nextInBucket = gone.nextInBucket;
    }
    count--;
    gone.parent.children--;
    if (gone.node.links == gone) {
      gone.node.links = gone.nextOfNode;
    } else {
      Link before = gone.node.links;
      while (before.nextOfNode != gone) {
        before = Objects.requireNonNull(before.nextOfNode);
      }
      before.nextOfNode = gone.nextOfNode;
    }
  }

  private void grow() {
    Link[] old = buckets;
    buckets = new Link[old.length * 2];
    for (Link chain : old) {
      while (chain != null) {
        Link next = chain.nextInBucket;
        int bucket = chain.hash & (buckets.length - 1);
        chain.nextInBucket = buckets[bucket];
        buckets[bucket] = chain;
        chain = next;
      }
    }
  }

  private static int hash(DirNode parent, int nameHash) {
    int hash = (nameHash ^ Long.hashCode(parent.id())) * 0x9E3779B9;
    return hash ^ (hash >>> 15);
  }
}
