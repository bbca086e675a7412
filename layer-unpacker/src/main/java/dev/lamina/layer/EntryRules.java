package dev.lamina.layer;

import dev.lamina.image.ImageException;
import dev.lamina.layer.tar.TarEntry;
import dev.lamina.layer.tar.TarType;
import dev.lamina.linux.Name;

/** What an entry may not be, wherever it goes. */
final class EntryRules {
  private static final int LARGEST_MAJOR = 0xfff;

  private EntryRules() {}

  /** Refuses what no layer may hold; {@code path} is that of {@code entry}. */
  static void check(LayerPath path, TarEntry entry) throws ImageException {
    if (path.isRoot() && entry.type() != TarType.DIRECTORY) {
      throw refused("the root is not a directory (CVE-2021-29136)");
    }
    switch (entry.type()) {
      case SYMLINK -> checkTarget(entry.linkName());
      case CHAR_DEVICE, BLOCK_DEVICE -> checkDevice(entry);
      default -> {}
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
