package dev.lamina.nio;

import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** The nine permission bits of a mode as a set. */
final class Permissions {
  private static final PosixFilePermission[] HIGHEST_FIRST = PosixFilePermission.values();

  private Permissions() {}

  static Set<PosixFilePermission> ofMode(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (PosixFilePermission permission : HIGHEST_FIRST) {
      if ((mode & bit(permission)) != 0) {
        permissions.add(permission);
      }
    }
    return permissions;
  }

  static int toMode(Set<PosixFilePermission> permissions) {
    int mode = 0;
    for (PosixFilePermission permission : permissions) {
      mode |= bit(permission);
    }
    return mode;
  }

  private static int bit(PosixFilePermission permission) {
    return switch (permission) {
      case OWNER_READ -> 0400;
      case OWNER_WRITE -> 0200;
      case OWNER_EXECUTE -> 0100;
      case GROUP_READ -> 040;
      case GROUP_WRITE -> 020;
      case GROUP_EXECUTE -> 010;
      case OTHERS_READ -> 04;
      case OTHERS_WRITE -> 02;
      case OTHERS_EXECUTE -> 01;
    };
  }

  /**
   * The mode that initial attributes ask for.
   *
   * @throws UnsupportedOperationException for any but {@code posix:permissions}
   */
  static int initial(int defaultMode, FileAttribute<?>... attributes) {
    int mode = defaultMode;
    for (FileAttribute<?> attribute : attributes) {
      if (attribute == null) {
        throw new NullPointerException("attribute");
      }
      if (!attribute.name().equals("posix:permissions")) {
        throw new UnsupportedOperationException(
            "'" + attribute.name() + "' not supported as initial attribute");
      }
      mode = toMode(require(attribute.value()));
    }
    return mode;
  }

  /** {@code value} as a set of permissions; ClassCastException where it is none. */
  static Set<PosixFilePermission> require(Object value) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (Object element : (Set<?>) value) {
      permissions.add((PosixFilePermission) element);
    }
    return permissions;
  }
}
