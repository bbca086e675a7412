package dev.lamina.linux;

import static dev.lamina.linux.Native.C;

import com.kenai.jffi.MemoryIO;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;

/**
 * Whole pages, straight from the kernel. {@link ByteBuffer#allocateDirect} writes zeros over all
 * that it hands out, so that a buffer of 1 MiB takes 1 MiB from the start; here it takes what is
 * used of it.
 */
final class PageMemory {
  private static final int PROT_READ_WRITE = 1 | 2;
  private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x02 | 0x20 | 0x4000;
  private static final int MADV_NOHUGEPAGE = 15;
  private static final int PAGE = C.getpagesize();

  private static final Cleaner CLEANER = Cleaner.create();

  private PageMemory() {}

  /** Bytes of a page. */
  static int pageSize() {
    return PAGE;
  }

  /** At least one page; unmapped some time after the buffer and its slices are unreachable. */
  static ByteBuffer map(int size) {
    long length = Math.max(1, (size + PAGE - 1L) / PAGE) * PAGE;
    long address = C.mmap(0, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0, 0);
    if (address == -1) {
      throw new OutOfMemoryError("mmap of " + length + " bytes: " + Errno.describe(Native.errno()));
    }
    // One touched byte shall not cost 2 MiB. Fails where the kernel has no huge pages.
    C.madvise(address, length, MADV_NOHUGEPAGE);
    ByteBuffer pages = MemoryIO.getInstance().newDirectByteBuffer(address, size);
    CLEANER.register(pages, () -> C.munmap(address, length));
    return pages;
  }
}
