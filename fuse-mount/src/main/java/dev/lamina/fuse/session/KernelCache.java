package dev.lamina.fuse.session;

import dev.lamina.linux.NativeMemory;
import dev.lamina.overlay.AttributeListener;

/** What the kernel keeps of a filesystem, and how it hears that it should keep something else. */
interface KernelCache extends AttributeListener {
  /**
   * Puts data into the page cache, by a finished {@link dev.lamina.fuse.wire.Reply#store}. Waits
   * for pages of that file which are being read: nobody may have it open.
   *
   * @param length bytes of the message
   * @return whether the kernel took it
   */
  boolean store(NativeMemory message, int length);
}
