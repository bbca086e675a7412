package dev.lamina.inspect.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PathTreeTest {
  private final PathTree tree = new PathTree();

  private static byte[] name(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private String path(int path) {
    return new String(tree.path(path), StandardCharsets.ISO_8859_1);
  }

  @Test
  void root_isASlash() {
    assertThat(path(PathTree.ROOT)).isEqualTo("/");
    assertThat(tree.size()).isEqualTo(1);
    assertThat(tree.parent(PathTree.ROOT)).isEqualTo(PathTree.NONE);
  }

  @Test
  void names_areBytes() {
    int directory = tree.child(PathTree.ROOT, name("\u00ff\n"));
    int file = tree.child(directory, name("f"));
    assertThat(path(file)).isEqualTo("/\u00ff\n/f");
    assertThat(tree.name(directory)).isEqualTo(name("\u00ff\n"));
  }

  @Test
  void manyPaths_areFoundAgain_andListedOnceEach() {
    Random random = new Random(7);
    Map<String, Integer> known = new HashMap<>();
    List<Integer> all = new ArrayList<>(List.of(PathTree.ROOT));
    for (int i = 0; i < 100_000; i++) {
      int parent = all.get(random.nextInt(Math.min(all.size(), 500)));
      String name = "n" + random.nextInt(1000);
      String path = parent + "/" + name;
      int found = tree.child(parent, name(name));
      Integer before = known.putIfAbsent(path, found);
      if (before == null) {
        assertThat(found).isEqualTo(all.size());
        all.add(found);
      } else {
        assertThat(found).isEqualTo(before);
      }
    }
    assertThat(tree.size()).isEqualTo(all.size());
    Set<Integer> listed = new HashSet<>();
    for (int parent : all) {
      for (int c = tree.firstChild(parent); c != PathTree.NONE; c = tree.nextSibling(c)) {
        assertThat(tree.parent(c)).isEqualTo(parent);
        assertThat(listed.add(c)).isTrue();
      }
    }
    assertThat(listed).hasSize(all.size() - 1);
  }
}
