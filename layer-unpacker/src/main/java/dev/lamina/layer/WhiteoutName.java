package dev.lamina.layer;

import dev.lamina.image.ImageException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What the name of an entry says about deletion (OCI layer.md, "Whiteouts"). */
enum WhiteoutName {
  /** An ordinary entry. */
  NONE,
  /** {@code .wh.NAME}: hides NAME. */
  WHITEOUT,
  /** {@code .wh..wh..opq}: hides all that is below the directory it stands in. */
  OPAQUE,
  /** Any other {@code .wh..wh.*}: AUFS's own bookkeeping, which means nothing here. */
  AUFS_INTERNAL;

  static final byte[] PREFIX = {'.', 'w', 'h', '.'};
  static final byte[] OPAQUE_FILE = ".wh..wh..opq".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] INTERNAL = {'.', 'w', 'h', '.', '.', 'w', 'h', '.'};

  static WhiteoutName of(LayerPath path) throws ImageException {
    byte[][] components = path.components();
    for (int i = 0; i < components.length; i++) {
      byte[] component = components[i];
      boolean last = i == components.length - 1;
      if (!startsWith(component, PREFIX)) {
        continue;
      }
      if (startsWith(component, INTERNAL)) {
        return last && Arrays.equals(component, OPAQUE_FILE) ? OPAQUE : AUFS_INTERNAL;
      }
      if (!last) {
        throw new ImageException(ImageException.Kind.REFUSED, "an entry below a whiteout");
      }
      byte[] hidden = Arrays.copyOfRange(component, PREFIX.length, component.length);
      if (hidden.length == 0 || isDots(hidden)) {
        throw new ImageException(ImageException.Kind.REFUSED, "a whiteout of no proper name");
      }
      return WHITEOUT;
    }
    return NONE;
  }

  private static boolean isDots(byte[] name) {
    return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
  }

  private static boolean startsWith(byte[] name, byte[] prefix) {
    return name.length >= prefix.length
        && Arrays.equals(name, 0, prefix.length, prefix, 0, prefix.length);
  }
}
