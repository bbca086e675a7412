package dev.lamina.overlay.merge;

import dev.lamina.overlay.format.Redirect;
import java.util.ArrayList;
import java.util.List;

/**
 * Where to look for a directory's lower half in the layers below a redirect. Each directory on the
 * way may bend the path for the layers below it once more; the walk in the layer at hand goes on
 * with the components that are left, whose number never changes.
 *
 * @param isAbsolute whether the path starts at the layers' roots, else in the searched directory
 * @param components the names to walk
 */
record RedirectedPath(boolean isAbsolute, List<byte[]> components) {
  /** The name that was asked for, in the directory that is searched. */
  static RedirectedPath of(byte[] name) {
    return new RedirectedPath(false, List.of(name));
  }

  /** The component with which {@code left} of them are still to go, itself included. */
  byte[] component(int left) {
    return components.get(components.size() - left);
  }

  /** This path, after the directory at {@link #component} of {@code left} was found redirected. */
  RedirectedPath bent(int left, Redirect redirect) {
    int at = components.size() - left;
    List<byte[]> bent = new ArrayList<>();
    if (!redirect.isAbsolute()) {
      bent.addAll(components.subList(0, at));
    }
    bent.addAll(redirect.components());
    bent.addAll(components.subList(at + 1, components.size()));
    return new RedirectedPath(isAbsolute || redirect.isAbsolute(), bent);
  }
}
