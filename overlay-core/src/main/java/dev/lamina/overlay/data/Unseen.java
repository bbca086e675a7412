package dev.lamina.overlay.data;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;

/**
 * Attributes of a file that data is copied into without a user having changed it: what writing
 * moves, times, capabilities and setuid, is put back.
 */
public final class Unseen {
  private static final Name CAPABILITY = Name.of("security.capability");
  private static final int CAPABILITY_MAX = 64;

  private final int fd;
  private final Stat before = new Stat();
  private final NativeMemory capability = NativeMemory.allocate(CAPABILITY_MAX);
  private final int capabilitySize;

  /** Remembers those of {@code fd}. */
  public Unseen(int fd) throws ErrnoException {
    this.fd = fd;
    At.stat(fd, before);
    capabilitySize = Xattr.get(fd, CAPABILITY, capability, 0, CAPABILITY_MAX);
  }

  Stat before() {
    return before;
  }

  /** The file's size then. */
  public long size() {
    return before.size;
  }

  /** Puts them back. */
  public void restore() throws ErrnoException {
    Stat after = new Stat();
    At.stat(fd, after);
    if (after.mode != before.mode) {
      Fd.chmod(fd, before.mode & FileMode.PERMISSIONS);
    }
    if (capabilitySize >= 0) {
      Xattr.set(fd, CAPABILITY, capability, 0, capabilitySize, 0);
    }
    Fd.utimens(fd, before.atime, before.atimeNanos, before.mtime, before.mtimeNanos);
  }
}
