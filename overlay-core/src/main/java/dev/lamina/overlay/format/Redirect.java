package dev.lamina.overlay.format;

import com.google.common.primitives.Bytes;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Xattr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the lower half of a renamed directory, or the data of a metacopy, lies: {@code name} in the
 * same directory of the layers below, or {@code /path} from their roots (filesystems/overlayfs.rst,
 * "Redirects").
 *
 * @param isAbsolute whether the path starts at the layers' roots
 * @param components the names to walk, one at a time; exactly one unless absolute
 */
public record Redirect(boolean isAbsolute, List<byte[]> components) {
  /** Longest value that is written, in bytes; kernel overlayfs writes no longer one either. */
  public static final int LONGEST_WRITTEN = 256;

  private static final ThreadLocal<NativeMemory> VALUE =
      ThreadLocal.withInitial(() -> NativeMemory.allocate(Name.PATH_MAX));

  /**
   * The redirect of {@code name}, or null where it has none.
   *
   * @throws ErrnoException EINVAL for a malformed one, EACCES for one with {@code .} or {@code ..},
   *     as kernel overlayfs (Linux 6.18)
   */
  public static Redirect read(int dirfd, Name name, XattrNamespace xattrs) throws ErrnoException {
    byte[] value = readRaw(dirfd, name, xattrs);
    return value == null ? null : parse(value);
  }

  /** The value as it is stored, not checked; null where there is none. */
  public static byte[] readRaw(int dirfd, Name name, XattrNamespace xattrs) throws ErrnoException {
    NativeMemory value = VALUE.get();
    try {
      int size = Xattr.get(dirfd, name, xattrs.redirect(), value, 0, value.size());
      return size < 0 ? null : value.copy(0, size);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ERANGE) {
        throw new ErrnoException(Errno.EINVAL, "redirect of " + name + " is too long");
      }
      throw e;
    }
  }

  static Redirect parse(byte[] value) throws ErrnoException {
    boolean absolute = value.length > 0 && value[0] == '/';
    if (!absolute && Bytes.contains(value, (byte) '/')) {
      throw malformed(Errno.EINVAL, value);
    }
    List<byte[]> components = new ArrayList<>();
    int start = absolute ? 1 : 0;
    for (int i = start; i <= value.length; i++) {
      if (i == value.length || value[i] == '/') {
        components.add(component(value, start, i));
        start = i + 1;
      }
    }
    return new Redirect(absolute, components);
  }

  private static byte[] component(byte[] value, int start, int end) throws ErrnoException {
    byte[] component = Arrays.copyOfRange(value, start, end);
    if (component.length == 0 || component.length > Name.NAME_MAX || hasNul(component)) {
      throw malformed(Errno.EINVAL, value);
    }
    if (!Name.of(component).isComponent()) {
      throw malformed(Errno.EACCES, value);
    }
    return component;
  }

  private static boolean hasNul(byte[] component) {
    for (byte b : component) {
      if (b == 0) {
        return true;
      }
    }
    return false;
  }

  private static ErrnoException malformed(int errno, byte[] value) {
    return new ErrnoException(errno, "malformed redirect '" + Name.printable(value) + "'");
  }
}
