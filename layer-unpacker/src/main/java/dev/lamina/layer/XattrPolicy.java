package dev.lamina.layer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Which attributes of a layer are stored, and under which name. An attribute that would drive a
 * union never keeps its name: overlayfs's own are escaped as the kernel escapes those of an inner
 * overlay ({@code trusted.overlay.overlay.X}, shown by the mount as {@code trusted.overlay.X}), so
 * that an image of container storage survives; those of fuse-overlayfs and containers/storage,
 * which have no escape, are dropped.
 *
 * <p>SELinux's label is the host's and not the layer's: an archive's is dropped, a file's neither
 * cleared (the kernel lets nobody) nor copied.
 */
final class XattrPolicy {
  /** How storage of ordinary users records what {@code chown} and {@code mknod} refuse. */
  static final String OVERRIDE_STAT = "user.containers.override_stat";

  private static final byte[][] ESCAPED = {ascii("trusted.overlay."), ascii("user.overlay.")};
  private static final byte[][] DROPPED = {
    ascii("user.fuseoverlayfs."), ascii("trusted.fuseoverlayfs."), ascii(OVERRIDE_STAT)
  };
  private static final byte[] MORE = ascii("overlay.");
  private static final byte[] RECORD = ascii(OVERRIDE_STAT);
  private static final byte[] LABEL = ascii("security.selinux");

  private XattrPolicy() {}

  /** The name to store {@code name} under, or null to drop it. */
  static byte[] storedName(byte[] name) {
    if (isLabel(name)) {
      return null;
    }
    for (byte[] prefix : DROPPED) {
      if (startsWith(name, prefix)) {
        return null;
      }
    }
    for (byte[] prefix : ESCAPED) {
      if (startsWith(name, prefix)) {
        byte[] escaped = Arrays.copyOf(prefix, name.length + MORE.length);
        System.arraycopy(MORE, 0, escaped, prefix.length, MORE.length);
        System.arraycopy(
            name, prefix.length, escaped, prefix.length + MORE.length, name.length - prefix.length);
        return escaped;
      }
    }
    return name;
  }

  /** The name that an archive has for what is stored as {@code stored}. */
  static byte[] archiveName(byte[] stored) {
    for (byte[] prefix : ESCAPED) {
      byte[] escape = Arrays.copyOf(prefix, prefix.length + MORE.length);
      System.arraycopy(MORE, 0, escape, prefix.length, MORE.length);
      if (startsWith(stored, escape)) {
        byte[] name = Arrays.copyOf(prefix, stored.length - MORE.length);
        int rest = stored.length - escape.length;
        System.arraycopy(stored, escape.length, name, prefix.length, rest);
        return name;
      }
    }
    return stored;
  }

  /** Whether {@code name} is what the host's SELinux has to say about a file. */
  static boolean isLabel(byte[] name) {
    return Arrays.equals(name, LABEL);
  }

  /**
   * Whether {@code name} is the host's label, or a mark or record that this store made: not to be
   * cleared or copied.
   */
  static boolean isMark(byte[] name) {
    if (isLabel(name) || Arrays.equals(name, RECORD)) {
      return true;
    }
    for (byte[] prefix : ESCAPED) {
      if (startsWith(name, prefix)) {
        return !startsWith(Arrays.copyOfRange(name, prefix.length, name.length), MORE);
      }
    }
    return false;
  }

  private static boolean startsWith(byte[] name, byte[] prefix) {
    return name.length >= prefix.length
        && Arrays.equals(name, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
