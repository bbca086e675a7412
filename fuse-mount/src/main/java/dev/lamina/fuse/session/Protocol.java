package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.InitFlags;

/**
 * What was agreed with the kernel.
 *
 * @param minor protocol 7.{@code minor}
 * @param flags of {@link InitFlags}
 */
record Protocol(int minor, long flags) {
  boolean has(long flag) {
    return (flags & flag) != 0;
  }
}
