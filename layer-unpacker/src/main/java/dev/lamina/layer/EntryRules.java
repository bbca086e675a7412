package dev.lamina.layer;

import dev.lamina.image.ImageException;
import dev.lamina.layer.tar.TarEntry;
import dev.lamina.layer.tar.TarType;
import dev.lamina.layer.tar.TarXattr;
import dev.lamina.linux.Name;

/** What an entry may not be, wherever it goes. */
final class EntryRules {
  private static final int LARGEST_MAJOR = 0xfff;

  /** XATTR_SIZE_MAX of linux/limits.h, here for hosts of any kind. */
  private static final int XATTR_LIMIT = 1 << 16;

  private EntryRules() {}

  /** Refuses what no layer may hold; {@code path} is that of {@code entry}. */
  static void check(LayerPath path, TarEntry entry) throws ImageException {
    if (path.isRoot() && entry.type() != TarType.DIRECTORY) {
      throw refused("the root is not a directory (CVE-2021-29136)");
    }
    for (TarXattr xattr : entry.xattrs()) {
      checkXattr(xattr);
    }
    switch (entry.type()) {
      case SYMLINK -> checkTarget(entry.linkName());
      case CHAR_DEVICE, BLOCK_DEVICE -> checkDevice(entry);
      default -> {}
    }
  }

  private static void checkXattr(TarXattr xattr) throws ImageException {
    if (xattr.name().length > Name.NAME_MAX || xattr.value().length > XATTR_LIMIT) {
      throw new ImageException(
          ImageException.Kind.LIMIT,
          "an extended attribute with a name of "
              + xattr.name().length
              + " and a value of "
              + xattr.value().length
              + " bytes; Linux allows 255 and 65536");
    }
  }

  private static void checkTarget(byte[] target) throws ImageException {
    if (target.length == 0 || target.length >= Name.PATH_MAX) {
      throw new ImageException(
          ImageException.Kind.LIMIT,
          "a symbolic link to a path of " + target.length + " bytes; Linux allows 1 to 4095");
    }
  }

  private static void checkDevice(TarEntry entry) throws ImageException {
    boolean character = entry.type() == TarType.CHAR_DEVICE;
    if (character && entry.deviceMajor() == 0 && entry.deviceMinor() == 0) {
      throw refused("a character device 0:0 means a whiteout to overlayfs");
    }
    if (entry.deviceMajor() > LARGEST_MAJOR) {
      throw refused("device major " + entry.deviceMajor() + " is above 4095");
    }
  }

  private static ImageException refused(String why) {
    return new ImageException(ImageException.Kind.REFUSED, why);
  }
}
