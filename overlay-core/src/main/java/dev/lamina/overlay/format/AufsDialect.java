package dev.lamina.overlay.format;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import java.nio.charset.StandardCharsets;

/**
 * AUFS marks as image layers carry them (OCI image spec, layer.md) and as podman leaves them on
 * disk: {@code .wh.NAME} hides NAME below, {@code .wh..wh..opq} makes its directory opaque. An
 * entry of the same layer survives its own whiteout; a directory beside one is as good as opaque.
 */
final class AufsDialect implements Dialect {
  static final byte[] WHITEOUT_PREFIX = ".wh.".getBytes(StandardCharsets.US_ASCII);
  private static final Name SELF = Name.of(".");
  private static final Name OPAQUE = Name.of(".wh..wh..opq");

  @Override
  public boolean isOpaque(int dirfd, Name name) throws ErrnoException {
    if (hidesAbsent(dirfd, name)) {
      return true;
    }
    int directory = At.openDirectory(dirfd, name);
    try {
      return At.stat(directory, OPAQUE, new Stat());
    } finally {
      Fd.close(directory);
    }
  }

  /** Leaves the times of the directory as they are: nothing changed that a user could see. */
  static void markOpaque(int dirfd, Name name) throws ErrnoException {
    int directory = At.openDirectory(dirfd, name);
    try {
      Stat before = new Stat();
      At.stat(directory, before);
      if (!At.stat(directory, OPAQUE, new Stat())) {
        At.mknod(directory, OPAQUE, FileMode.S_IFREG | 0400, 0);
      }
      At.utimens(directory, SELF, before.atime, before.atimeNanos, before.mtime, before.mtimeNanos);
    } finally {
      Fd.close(directory);
    }
  }

  @Override
  public boolean isWhiteout(int dirfd, Name name, Stat stat) {
    return isMark(name);
  }

  @Override
  public boolean hidesAbsent(int dirfd, Name name) throws ErrnoException {
    return name.length() + WHITEOUT_PREFIX.length <= Name.NAME_MAX
        && Look.OF_THREAD.get().finds(dirfd, name);
  }

  /** One thread's room for a question that every name which is absent gives rise to. */
  private static final class Look {
    static final ThreadLocal<Look> OF_THREAD = ThreadLocal.withInitial(Look::new);

    private final Name mark = new Name();
    private final Stat stat = new Stat();

    boolean finds(int dirfd, Name name) throws ErrnoException {
      return At.stat(dirfd, mark.set(WHITEOUT_PREFIX, name), stat);
    }
  }

  @Override
  public boolean isMark(Name name) {
    return name.startsWith(WHITEOUT_PREFIX);
  }
}
