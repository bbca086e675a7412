package dev.lamina.bundle;

import java.util.List;

/**
 * Whom a container's process runs as.
 *
 * @param groups more than {@code gid}
 * @param home the home directory that passwd(5) of the image says, or {@code "/"}
 */
public record ProcessUser(long uid, long gid, List<Long> groups, String home) {
  public ProcessUser {
    groups = List.copyOf(groups);
  }
}
