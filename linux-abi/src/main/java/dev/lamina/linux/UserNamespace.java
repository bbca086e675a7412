package dev.lamina.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the user namespace of this process allows it, see user_namespaces(7). */
public final class UserNamespace {
  private static final Path UID_MAP = Path.of("/proc/self/uid_map");
  private static final boolean HOST_ROOT = Identity.processUid() == 0 && knowsAllIds();

  private UserNamespace() {}

  /**
   * Whether this process is root and knows all user ids of the host. Root of a user namespace of
   * its own, as {@code unshare -r} makes one, is an ordinary user to the filesystems below: it
   * cannot give files to whom it likes, make devices, or set {@code trusted.*} xattrs.
   */
  public static boolean isHostRoot() {
    return HOST_ROOT;
  }

  private static boolean knowsAllIds() {
    try {
      return coversAllIds(Files.readAllLines(UID_MAP));
    } catch (IOException e) {
      // A kernel without user namespaces has no such file, and one namespace.
      return true;
    }
  }

  /** Whether the lines of a uid_map, each "first, first outside, count", leave no id out. */
  static boolean coversAllIds(List<String> lines) {
    long ids = 0;
    for (String line : lines) {
      ids += Long.parseLong(line.strip().split("\\s+")[2]);
    }
    // The last of 2^32 numbers stands for none.
    return ids == 0xffffffffL;
  }
}
