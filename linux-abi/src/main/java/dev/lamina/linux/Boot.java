package dev.lamina.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Which run of the host, and which mount of a filesystem, this is: what was written, but not
 * synced, is still there as long as both are the same.
 *
 * @param boot the kernel's {@code random/boot_id}
 * @param mount the number of the mount, never used again where the kernel has such (Linux 6.8)
 */
public record Boot(UUID boot, long mount) {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  /** As long as this process lives there is one; null until it is asked for. */
  private static volatile UUID bootId;

  private static final int STATX_MNT_ID = 0x1000;
  private static final int STATX_MNT_ID_UNIQUE = 0x4000;

  /** Of now, and of the mount that {@code fd} is on. */
  public static Boot current(int fd) throws ErrnoException {
    UUID known = bootId;
    if (known == null) {
      try {
        known = UUID.fromString(Files.readString(BOOT_ID).strip());
      } catch (IOException e) {
        throw new ErrnoException(Errno.EIO, BOOT_ID + ": " + e.getMessage());
      }
      bootId = known;
    }
    return new Boot(known, mountOf(fd));
  }

  private static long mountOf(int fd) throws ErrnoException {
    NativeMemory memory = Scratch.get().struct;
    Native.check(
        Native.C.statx(
            fd,
            At.EMPTY.address(),
            At.AT_EMPTY_PATH,
            STATX_MNT_ID | STATX_MNT_ID_UNIQUE,
            memory.address()),
        "statx");
    return memory.getLong(Structs.Statx.STX_MNT_ID);
  }
}
