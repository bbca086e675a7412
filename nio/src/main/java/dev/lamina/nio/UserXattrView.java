package dev.lamina.nio;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The view {@code user}: extended attributes of the namespace {@code user.}. */
final class UserXattrView implements UserDefinedFileAttributeView {
  private static final byte[] PREFIX = "user.".getBytes(StandardCharsets.US_ASCII);

  private final LaminaPath path;
  private final boolean follow;

  UserXattrView(LaminaPath path, boolean follow) {
    this.path = path;
    this.follow = follow;
  }

  @Override
  public String name() {
    return "user";
  }

  @Override
  public List<String> list() throws IOException {
    LaminaFileSystem fileSystem = path.getFileSystem();
    return fileSystem.at(
        path,
        follow,
        place -> {
          List<String> names = new ArrayList<>();
          for (byte[] name : fileSystem.tree().xattrNames(place.requireExisting().node())) {
            if (isUsers(name)) {
              int length = name.length - PREFIX.length;
              names.add(new String(name, PREFIX.length, length, StandardCharsets.UTF_8));
            }
          }
          return names;
        });
  }

  private static boolean isUsers(byte[] name) {
    return name.length > PREFIX.length
        && Arrays.equals(name, 0, PREFIX.length, PREFIX, 0, PREFIX.length);
  }

  private static byte[] full(String name) {
    if (name == null) {
      throw new NullPointerException("name");
    }
    return PathBytes.encode("user." + name);
  }

  byte[] value(String name) throws IOException {
    byte[] full = full(name);
    LaminaFileSystem fileSystem = path.getFileSystem();
    return fileSystem.at(
        path,
        follow,
        place -> {
          byte[] value = fileSystem.tree().xattr(place.requireExisting().node(), full);
          if (value == null) {
            throw new ErrnoException(Errno.ENODATA, "getxattr");
          }
          return value;
        });
  }

  @Override
  public int size(String name) throws IOException {
    return value(name).length;
  }

  @Override
  public int read(String name, ByteBuffer target) throws IOException {
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
    byte[] value = value(name);
    if (value.length > target.remaining()) {
      throw Failures.of(new ErrnoException(Errno.ERANGE, "getxattr"), path, null);
    }
    target.put(value);
    return value.length;
  }

  @Override
  public int write(String name, ByteBuffer source) throws IOException {
    byte[] value = new byte[source.remaining()];
    source.duplicate().get(value);
    path.getFileSystem().changes().setXattr(path, follow, full(name), value);
    source.position(source.limit());
    return value.length;
  }

  @Override
  public void delete(String name) throws IOException {
    path.getFileSystem().changes().removeXattr(path, follow, full(name));
  }
}
