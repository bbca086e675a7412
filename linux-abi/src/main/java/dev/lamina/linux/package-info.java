/**
 * Linux as the rest of Lamina sees it: system calls, descriptors, errno, {@code struct} layouts.
 *
 * <p>This is the only room with native calls. Names and paths are bytes ({@link
 * dev.lamina.linux.Name}), memory is off-heap ({@link dev.lamina.linux.NativeMemory}), and a failed
 * call throws {@link dev.lamina.linux.ErrnoException}; "no such file" is a value where a caller
 * commonly asks ({@link dev.lamina.linux.At#stat}). Everything here is thread-safe unless it says
 * otherwise, and nothing resolves a path from the host's root except where the name says so.
 */
package dev.lamina.linux;
