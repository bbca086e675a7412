package dev.lamina.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What user namespaces allow this process and others, see user_namespaces(7). A namespace that
 * knows all ids of the host passes for the host's own.
 */
public final class UserNamespace {
  /** Keeps setuid and setgid bits of what it changes, capabilities(7). */
  public static final int CAP_FSETID = 4;

  /** Knows of {@code trusted.*} xattrs, xattr(7). */
  public static final int CAP_SYS_ADMIN = 21;

  private static final Path PROC = Path.of("/proc");
  private static final String EFFECTIVE = "CapEff:";
  private static final boolean HOST_ROOT = Identity.processUid() == 0 && isHosts("self");

  private UserNamespace() {}

  /**
   * Whether this process is root, and not only of a user namespace of its own as {@code unshare -r}
   * makes one: such a root is an ordinary user to the filesystems below. It cannot give files to
   * whom it likes, make devices, or set {@code trusted.*} xattrs.
   */
  public static boolean isHostRoot() {
    return HOST_ROOT;
  }

  /** Whether a thread, by its id, has a capability on the host; false if it cannot be seen. */
  public static boolean hasCapability(int thread, int capability) {
    String id = Integer.toString(thread);
    try {
      for (String line : Files.readAllLines(PROC.resolve(id).resolve("status"))) {
        if (line.startsWith(EFFECTIVE)) {
          long set = Long.parseUnsignedLong(line.substring(EFFECTIVE.length()).strip(), 16);
          return (set >>> capability & 1) != 0 && isHosts(id);
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isHosts(String process) {
    try {
      return coversAllIds(Files.readAllLines(PROC.resolve(process).resolve("uid_map")));
    } catch (IOException e) {
      // A kernel without user namespaces has no such file, and one namespace.
      return true;
    }
  }

  /** Whether the lines of a uid_map, each "first, first outside, count", leave no id out. */
  static boolean coversAllIds(List<String> lines) {
    long ids = 0;
    for (String line : lines) {
      ids += Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
    }
    // The last of 2^32 numbers stands for none.
    return ids == 0xffffffffL;
  }
}
