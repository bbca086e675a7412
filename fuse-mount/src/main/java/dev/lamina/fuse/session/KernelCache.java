package dev.lamina.fuse.session;

/** Tells the kernel what it must not believe any longer. Any thread may. */
interface KernelCache {
  /** Attributes of {@code node} changed other than by the request that was just answered. */
  void attributesChanged(long node);
}
