package dev.lamina.fuse;

import dev.lamina.overlay.InodeFileSystem;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.TreeMap;

/** Counts the calls that reach a filesystem, by method: each is a request of the kernel's. */
final class CountedCalls {
  private final Map<String, Integer> counts = new TreeMap<>();
  private final InodeFileSystem fileSystem;

  CountedCalls(InodeFileSystem counted) {
    fileSystem =
        (InodeFileSystem)
            Proxy.newProxyInstance(
                InodeFileSystem.class.getClassLoader(),
                new Class<?>[] {InodeFileSystem.class},
                (proxy, method, args) -> {
                  synchronized (counts) {
                    counts.merge(method.getName(), 1, Integer::sum);
                  }
                  try {
                    return method.invoke(counted, args);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
  }

  /** The filesystem to mount. */
  InodeFileSystem fileSystem() {
    return fileSystem;
  }

  int of(String method) {
    synchronized (counts) {
      return counts.getOrDefault(method, 0);
    }
  }

  void reset() {
    synchronized (counts) {
      counts.clear();
    }
  }
}
