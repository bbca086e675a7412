/**
 * Linux as the rest of Lamina sees it: system calls, descriptors, errno, {@code struct} layouts.
 *
 * <p>This is the only room with native calls. Names and paths are bytes ({@link
 * dev.lamina.linux.Name}), memory is off-heap ({@link dev.lamina.linux.NativeMemory}), and a failed
 * call throws {@link dev.lamina.linux.ErrnoException}; "no such file" is a value where a caller
 * commonly asks ({@link dev.lamina.linux.At#stat}). Everything here is thread-safe unless it says
 * otherwise, and nothing resolves a path from the host's root except where the name says so.
 *
 * <p><b>Addresses.</b> To the garbage collector an address is a number: an object whose address is
 * all that is still needed may be freed while the kernel reads it. So whoever gives the kernel an
 * address keeps the {@code Name} or {@code NativeMemory} it came from reachable until the call has
 * returned: {@code keep} and {@code check} of {@code Native} do it. Memory of {@code Scratch} and
 * of constants is always reachable and needs none. Addresses do not leave this package.
 */
package dev.lamina.linux;
