package dev.lamina.linux;

/** Memory of one thread for the structs and paths of a single call; never held across calls. */
final class Scratch {
  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  /** Room for any struct passed to a call: statx is the largest, 256 bytes. */
  final NativeMemory struct = NativeMemory.allocate(512);

  /** Room for the target of a symbolic link. */
  final NativeMemory linkTarget = NativeMemory.allocate(Name.PATH_MAX);

  /** Room for a path through {@code /proc/self/fd}. */
  final Name path = new Name();

  static Scratch get() {
    return OF_THREAD.get();
  }
}
