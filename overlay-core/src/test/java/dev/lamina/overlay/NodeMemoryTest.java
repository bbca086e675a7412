package dev.lamina.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the nodes that the kernel remembers cost, and that they cost nothing once it forgets. */
final class NodeMemoryTest {
  private static final int FILES = 50_000;
  private static final int NAME_LENGTH = 10;

  /** Of a file of a lower, beyond its name's bytes; twice that would be a field too many. */
  private static final long BYTES_PER_NODE = 200;

  /** Of the collector's and other threads' doing, per node. */
  private static final long MARGIN = 20;

  @TempDir Path directory;

  @Test
  @Timeout(300)
  void rememberedFiles_takeLittleAndGiveItBack() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    Path first = Files.createFile(lower.resolve(name(0)));
    for (int i = 1; i < FILES; i++) {
      // One inode: this is about nodes, and an index would make them one.
      Files.createSymbolicLink(lower.resolve(name(i)), first.getFileName());
    }
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      long[] nodes = new long[FILES];
      Entry entry = new Entry();
      lookupAll(inodes, nodes, entry);
      forgetAll(inodes, nodes);
      long before = usedHeap();
      lookupAll(inodes, nodes, entry);
      long perNode = (usedHeap() - before) / FILES;
      assertThat(perNode - NAME_LENGTH).isBetween(1L, BYTES_PER_NODE + MARGIN);
      forgetAll(inodes, nodes);
      assertThat((usedHeap() - before) / FILES).isLessThan(MARGIN);
    }
  }

  private static String name(int number) {
    return "file-" + (10_000 + number);
  }

  private static void lookupAll(InodeFileSystem inodes, long[] nodes, Entry entry)
      throws ErrnoException {
    for (int i = 0; i < FILES; i++) {
      assertThat(inodes.lookup(InodeFileSystem.ROOT, Name.of(name(i)), entry)).isTrue();
      nodes[i] = entry.node;
    }
  }

  private static void forgetAll(InodeFileSystem inodes, long[] nodes) {
    for (long node : nodes) {
      inodes.forget(node, 1);
    }
  }

  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least =
          Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    }
    return least;
  }
}
