package dev.lamina.fuse;

import dev.lamina.overlay.InodeFileSystem;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A filesystem that counts the calls it gets, by method, and lets a test do something before one.
 * Thread-safe.
 */
final class WatchedCalls {
  private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
  private final Map<String, Runnable> before = new ConcurrentHashMap<>();
  private final InodeFileSystem watched;

  WatchedCalls(InodeFileSystem watched) {
    this.watched = watched;
  }

  /** The filesystem to mount. */
  InodeFileSystem fileSystem() {
    return (InodeFileSystem)
        Proxy.newProxyInstance(
            InodeFileSystem.class.getClassLoader(),
            new Class<?>[] {InodeFileSystem.class},
            (proxy, method, arguments) -> call(method, arguments));
  }

  private Object call(Method method, Object[] arguments) throws Throwable {
    before.getOrDefault(method.getName(), () -> {}).run();
    try {
      Object result = method.invoke(watched, arguments);
      counts.computeIfAbsent(method.getName(), name -> new AtomicInteger()).incrementAndGet();
      return result;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** Runs {@code action} on the worker's thread before each call of {@code method}. */
  void before(String method, Runnable action) {
    before.put(method, action);
  }

  /** How many calls of {@code method} succeeded. */
  int of(String method) {
    AtomicInteger count = counts.get(method);
    return count == null ? 0 : count.get();
  }

  /** Files opened and not released yet. */
  int openHandles() {
    return of("open") + of("create") + of("tmpfile") - of("release");
  }
}
