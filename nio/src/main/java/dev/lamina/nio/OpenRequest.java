package dev.lamina.nio;

import dev.lamina.linux.OpenFlags;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Set;

/** How a file is to be opened: {@link StandardOpenOption}s, checked, with their defaults. */
final class OpenRequest {
  private final Set<StandardOpenOption> options = EnumSet.noneOf(StandardOpenOption.class);
  private boolean follow = true;

  private OpenRequest() {}

  /** To read a file that is there. */
  static OpenRequest reading() {
    return of(Set.of());
  }

  /** To write a file that is made. */
  static OpenRequest creating() {
    return of(Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
  }

  /**
   * As {@link java.nio.channels.FileChannel#open} takes them.
   *
   * @throws UnsupportedOperationException for an option of another kind
   * @throws IllegalArgumentException for APPEND with READ or with TRUNCATE_EXISTING
   */
  static OpenRequest of(Set<? extends OpenOption> wanted) {
    OpenRequest request = new OpenRequest();
    for (OpenOption option : wanted) {
      if (option instanceof StandardOpenOption standard) {
        request.options.add(standard);
      } else if (option == LinkOption.NOFOLLOW_LINKS) {
        request.follow = false;
      } else if (option == null) {
        throw new NullPointerException("option");
      } else {
        throw new UnsupportedOperationException(option + " not supported");
      }
    }
    request.complete();
    return request;
  }

  private void complete() {
    if (!reads() && !has(StandardOpenOption.WRITE)) {
      options.add(appends() ? StandardOpenOption.WRITE : StandardOpenOption.READ);
    }
    if (reads() && appends()) {
      throw new IllegalArgumentException("READ + APPEND not allowed");
    }
    if (appends() && has(StandardOpenOption.TRUNCATE_EXISTING)) {
      throw new IllegalArgumentException("APPEND + TRUNCATE_EXISTING not allowed");
    }
    if (appends()) {
      options.add(StandardOpenOption.WRITE);
    }
  }

  private boolean has(StandardOpenOption option) {
    return options.contains(option);
  }

  boolean reads() {
    return has(StandardOpenOption.READ);
  }

  boolean writes() {
    return has(StandardOpenOption.WRITE);
  }

  boolean appends() {
    return has(StandardOpenOption.APPEND);
  }

  /** Whether a file is made where none is. */
  boolean creates() {
    return writes() && (has(StandardOpenOption.CREATE) || createsNew());
  }

  /** Whether there must not be a file yet. */
  boolean createsNew() {
    return writes() && has(StandardOpenOption.CREATE_NEW);
  }

  boolean truncates() {
    return writes() && has(StandardOpenOption.TRUNCATE_EXISTING);
  }

  boolean deletesOnClose() {
    return has(StandardOpenOption.DELETE_ON_CLOSE);
  }

  /** Whether a symbolic link is followed; one that is to be deleted never is. */
  boolean follows() {
    return follow && !deletesOnClose();
  }

  /** The same as flags of open(2), without those about names. */
  int flags() {
    int access = !writes() ? OpenFlags.O_RDONLY : reads() ? OpenFlags.O_RDWR : OpenFlags.O_WRONLY;
    return access
        | (truncates() ? OpenFlags.O_TRUNC : 0)
        | (appends() ? OpenFlags.O_APPEND : 0)
        | (has(StandardOpenOption.SYNC) ? OpenFlags.O_SYNC : 0)
        | (has(StandardOpenOption.DSYNC) ? OpenFlags.O_DSYNC : 0);
  }
}
