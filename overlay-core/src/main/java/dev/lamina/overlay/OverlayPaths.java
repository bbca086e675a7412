package dev.lamina.overlay;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The union by path, in the process, for programs that embed it. Paths are absolute or relative to
 * the union's root, in UTF-8; symbolic links are followed inside the union as a chroot would follow
 * them, the last one except where a method says otherwise. Failures are {@link ErrnoException}s
 * that name the path. Thread-safe.
 */
public final class OverlayPaths {
  private static final int CHUNK = 1 << 16;

  private final InodeFileSystem inodes;
  private final PathWalk walk;
  private final Caller caller = Caller.self();

  OverlayPaths(InodeFileSystem inodes) {
    this.inodes = inodes;
    this.walk = new PathWalk(inodes);
  }

  /** Attributes of what {@code path} leads to. */
  public Stat stat(String path) throws ErrnoException {
    return onNode(path, true, this::attributes);
  }

  /** Attributes of {@code path} itself, even where it is a symbolic link. */
  public Stat statNofollow(String path) throws ErrnoException {
    return onNode(path, false, this::attributes);
  }

  private Stat attributes(long node) throws ErrnoException {
    Stat stat = new Stat();
    inodes.getattr(node, stat);
    return stat;
  }

  /**
   * The node that a path of bytes leads to, for {@link Overlay#inodes}: the way to names that are
   * not UTF-8. The caller forgets it once.
   */
  public long node(byte[] path, boolean followLast) throws ErrnoException {
    try {
      return walk.node(path, followLast);
    } catch (ErrnoException e) {
      throw e.about(Name.printable(path));
    }
  }

  /** Whether {@code path} leads to anything. */
  public boolean exists(String path) throws ErrnoException {
    try {
      stat(path);
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return false;
      }
      throw e;
    }
  }

  /** All bytes of a regular file. */
  public byte[] read(String path) throws ErrnoException {
    return onNode(path, true, node -> withOpen(node, OpenFlags.O_RDONLY, this::readAll));
  }

  private byte[] readAll(long handle) throws ErrnoException {
    NativeMemory buffer = NativeMemory.allocate(CHUNK);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long offset = 0;
    while (true) {
      int got = inodes.read(handle, buffer, 0, CHUNK, offset);
      if (got == 0) {
        return bytes.toByteArray();
      }
      bytes.writeBytes(buffer.copy(0, got));
      offset += got;
    }
  }

  /** Replaces the content of {@code path}, which is made (mode 0644) where it is absent. */
  public void write(String path, byte[] content) throws ErrnoException {
    try {
      create(path, 0644);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_TRUNC;
    onNode(
        path,
        true,
        node ->
            withOpen(
                node,
                flags,
                handle -> {
                  writeAll(handle, content);
                  return null;
                }));
  }

  private void writeAll(long handle, byte[] content) throws ErrnoException {
    NativeMemory buffer = NativeMemory.allocate(Math.max(1, content.length));
    buffer.put(0, content, 0, content.length);
    int written = 0;
    while (written < content.length) {
      written += inodes.write(handle, buffer, written, content.length - written, written);
    }
  }

  /** Makes an empty regular file; EEXIST where the name is taken. */
  public void create(String path, int mode) throws ErrnoException {
    inParent(
        path,
        (parent, name) -> {
          Entry entry = new Entry();
          Opened opened = new Opened();
          inodes.create(caller, parent, name, mode, OpenFlags.O_WRONLY, entry, opened);
          inodes.release(opened.handle);
          inodes.forget(entry.node, 1);
        });
  }

  /** Makes a directory. EEXIST where something has the name. */
  public void mkdir(String path, int mode) throws ErrnoException {
    inParent(
        path,
        (parent, name) -> {
          Entry entry = new Entry();
          inodes.mkdir(caller, parent, name, mode, entry);
          inodes.forget(entry.node, 1);
        });
  }

  /** Makes a symbolic link at {@code path} that holds {@code target}. */
  public void symlink(String target, String path) throws ErrnoException {
    inParent(
        path,
        (parent, name) -> {
          Entry entry = new Entry();
          inodes.symlink(caller, parent, name, Name.of(target), entry);
          inodes.forget(entry.node, 1);
        });
  }

  /** Target of the symbolic link {@code path}. */
  public String readlink(String path) throws ErrnoException {
    return onNode(path, false, node -> new String(walk.target(node), StandardCharsets.UTF_8));
  }

  /** Removes a file, a symbolic link, or an empty directory. */
  public void remove(String path) throws ErrnoException {
    boolean directory = statNofollow(path).isDirectory();
    inParent(
        path,
        (parent, name) -> {
          if (directory) {
            inodes.rmdir(caller, parent, name);
          } else {
            inodes.unlink(caller, parent, name);
          }
        });
  }

  /** Renames, replacing what {@code to} names; EXDEV for a directory of a lower layer. */
  public void rename(String from, String to) throws ErrnoException {
    inParent(
        from,
        (parent, name) -> {
          Name kept = new Name().set(name);
          inParent(
              to,
              (newParent, newName) -> inodes.rename(caller, parent, kept, newParent, newName, 0));
        });
  }

  /** Permission bits of what {@code path} leads to. */
  public void chmod(String path, int mode) throws ErrnoException {
    AttributeChange change = new AttributeChange();
    change.set = AttributeChange.MODE;
    change.mode = mode;
    onNode(
        path,
        true,
        node -> {
          inodes.setattr(caller, node, 0, change, new Stat());
          return null;
        });
  }

  /** Names in a directory, dot names left out, in no order. */
  public List<String> list(String path) throws ErrnoException {
    return onNode(
        path,
        true,
        node -> {
          List<String> names = new ArrayList<>();
          inodes.readdir(node, 0, false, new NameCollector(names));
          return names;
        });
  }

  private record NameCollector(List<String> names) implements DirectorySink {
    @Override
    public boolean fits(int nameLength) {
      return true;
    }

    @Override
    public void accept(
        byte[] bytes, int from, int length, long ino, int type, long nextOffset, Entry entry) {
      String name = new String(bytes, from, length, StandardCharsets.UTF_8);
      if (!name.equals(".") && !name.equals("..")) {
        names.add(name);
      }
    }
  }

  private interface NodeAction<T> {
    T on(long node) throws ErrnoException;
  }

  private interface NameAction {
    void on(long parent, Name name) throws ErrnoException;
  }

  private <T> T onNode(String path, boolean follow, NodeAction<T> action) throws ErrnoException {
    try {
      long node = walk.node(path.getBytes(StandardCharsets.UTF_8), follow);
      try {
        return action.on(node);
      } finally {
        inodes.forget(node, 1);
      }
    } catch (ErrnoException e) {
      throw e.about(path);
    }
  }

  private void inParent(String path, NameAction action) throws ErrnoException {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    try {
      int slash = PathWalk.lastComponent(bytes);
      long parent = walk.node(Arrays.copyOf(bytes, slash), true);
      try {
        Name name = new Name().set(bytes, slash, PathWalk.trimmedLength(bytes) - slash);
        action.on(parent, name);
      } finally {
        inodes.forget(parent, 1);
      }
    } catch (ErrnoException e) {
      throw e.about(path);
    }
  }

  private <T> T withOpen(long node, int flags, NodeAction<T> action) throws ErrnoException {
    Opened opened = new Opened();
    inodes.open(caller, node, flags, opened);
    try {
      return action.on(opened.handle);
    } finally {
      inodes.release(opened.handle);
    }
  }
}
