package dev.lamina.overlay.event;

import dev.lamina.linux.Name;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.Link;
import dev.lamina.overlay.node.Node;
import java.util.ArrayDeque;

/**
 * Where nodes are, for people: taken without a lock, so that of a tree that is being rearranged it
 * may tell what was never there at one time.
 */
final class NodePath {
  private NodePath() {}

  /** The path of {@code node}; empty where it has no name. */
  static String of(Node node) {
    Link link = node.link();
    if (link != null) {
      return of(link.parent(), link.name());
    }
    return node.isDirectory() ? "/" : "";
  }

  /** The path of {@code name} in {@code parent}. */
  static String of(DirNode parent, byte[] name) {
    ArrayDeque<byte[]> names = new ArrayDeque<>();
    names.push(name);
    for (Link up = parent.link(); up != null; up = up.parent().link()) {
      names.push(up.name());
    }
    StringBuilder path = new StringBuilder();
    names.forEach(next -> path.append('/').append(Name.printable(next)));
    return path.toString();
  }
}
