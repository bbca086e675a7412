package dev.lamina.overlay.format;

import dev.lamina.linux.Name;
import dev.lamina.linux.UserNamespace;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where the union keeps its private xattrs: {@code trusted.overlay.*}, which only a privileged
 * process sees, or {@code user.overlay.*} as kernel overlayfs does with {@code userxattr}
 * (filesystems/overlayfs.rst of the kernel).
 */
public final class XattrNamespace {
  public static final XattrNamespace TRUSTED = new XattrNamespace("trusted.overlay.");
  public static final XattrNamespace USER = new XattrNamespace("user.overlay.");

  /** Put after the prefix to store an attribute that a user of the merged tree named like ours. */
  private static final String ESCAPE = "overlay.";

  private final byte[] prefix;
  private final byte[] escapedPrefix;
  private final Name opaque;
  private final Name whiteout;
  private final Name origin;
  private final Name impure;
  private final Name redirect;
  private final Name metacopy;
  private final Name nlink;
  private final Name upper;

  private XattrNamespace(String prefix) {
    this.prefix = prefix.getBytes(StandardCharsets.US_ASCII);
    this.escapedPrefix = (prefix + ESCAPE).getBytes(StandardCharsets.US_ASCII);
    this.opaque = Name.of(prefix + "opaque");
    this.whiteout = Name.of(prefix + "whiteout");
    this.origin = Name.of(prefix + "origin");
    this.impure = Name.of(prefix + "impure");
    this.redirect = Name.of(prefix + "redirect");
    this.metacopy = Name.of(prefix + "metacopy");
    this.nlink = Name.of(prefix + "nlink");
    this.upper = Name.of(prefix + "upper");
  }

  /** trusted.* is invisible without CAP_SYS_ADMIN: an ordinary user's layers are marked user.*. */
  public static XattrNamespace ofProcess() {
    return UserNamespace.isHostRoot() ? TRUSTED : USER;
  }

  /** {@code y}: hides lower directories of that name; {@code x}: holds xattr whiteouts. */
  public Name opaque() {
    return opaque;
  }

  /** On an empty regular file: it is a whiteout. */
  public Name whiteout() {
    return whiteout;
  }

  /** On a copy: which lower inode it was made from, see {@link OriginHandle}. */
  public Name origin() {
    return origin;
  }

  /** {@code y}: the directory may hold objects with an origin. */
  public Name impure() {
    return impure;
  }

  /** On what was renamed: where its lower half lies, see {@link Redirect}. */
  public Name redirect() {
    return redirect;
  }

  /** On a file whose data is further down, see {@link Metacopy}. */
  public Name metacopy() {
    return metacopy;
  }

  /** On an indexed file: how many names it has in the merged tree, see {@link LinkCount}. */
  public Name nlink() {
    return nlink;
  }

  /** On the index directory: the upper that it belongs to, see {@link OriginHandle}. */
  public Name upper() {
    return upper;
  }

  /** Whether {@code attribute} belongs to the union and not to the file. */
  public boolean isPrivate(Name attribute) {
    return attribute.startsWith(prefix) && !attribute.startsWith(escapedPrefix);
  }

  /** Whether {@code attribute} is the prefix alone, which names nothing. */
  public boolean isPrefix(Name attribute) {
    return attribute.length() == prefix.length && attribute.startsWith(prefix);
  }

  /** How {@code attribute} is stored in a layer; {@code stored} is filled where that differs. */
  public Name toStored(Name attribute, Name stored) {
    if (!attribute.startsWith(prefix)) {
      return attribute;
    }
    byte[] rest = tail(attribute, prefix.length);
    return stored.set(escapedPrefix, rest);
  }

  /** How a stored, not private {@code attribute} is seen in the merged tree. */
  public Name toVisible(Name attribute, Name visible) {
    if (!attribute.startsWith(escapedPrefix)) {
      return attribute;
    }
    return visible.set(prefix, tail(attribute, escapedPrefix.length));
  }

  private static byte[] tail(Name name, int from) {
    byte[] bytes = name.toBytes();
    return Arrays.copyOfRange(bytes, from, bytes.length);
  }
}
