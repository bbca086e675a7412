package dev.lamina.layer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The target of a symbolic link as components; {@code ..} stays, empty ones and dots go. */
final class LinkTarget {
  private LinkTarget() {}

  static byte[][] components(byte[] target) {
    List<byte[]> components = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= target.length; i++) {
      if (i == target.length || target[i] == '/') {
        boolean dot = i - from == 1 && target[from] == '.';
        if (i > from && !dot) {
          components.add(Arrays.copyOfRange(target, from, i));
        }
        from = i + 1;
      }
    }
    return components.toArray(new byte[0][]);
  }
}
