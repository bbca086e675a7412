package dev.lamina.nio;

import dev.lamina.layer.tar.TarXattr;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.nio.archive.ImageNode;
import dev.lamina.nio.archive.ImageTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;

/** An image read straight from its archive: no layer is unpacked, no system call made. */
final class ArchiveTree implements Tree {
  /** What a directory says of its size, as small ones do on most filesystems. */
  private static final long DIRECTORY_SIZE = 4096;

  private static final long BLOCK = 4096;

  private final ImageTree image;

  ArchiveTree(ImageTree image) {
    this.image = image;
  }

  private ImageNode node(long number) throws ErrnoException {
    ImageNode node = image.node(number);
    if (node == null) {
      throw new ErrnoException(Errno.ESTALE, "node " + number);
    }
    return node;
  }

  private ImageNode directory(long number) throws ErrnoException {
    ImageNode node = node(number);
    if (!node.isDirectory()) {
      throw new ErrnoException(Errno.ENOTDIR, "lookup");
    }
    return node;
  }

  @Override
  public Found lookup(long directory, byte[] name) throws ErrnoException {
    ImageNode child = directory(directory).children().get(name);
    return child == null ? null : new Found(child.number(), status(child));
  }

  @Override
  public void forget(long node) {}

  @Override
  public FileStatus status(long node) throws ErrnoException {
    return status(node(node));
  }

  private static FileStatus status(ImageNode node) {
    FileTime time = FileStatus.time(node.mtime(), node.mtimeNanos());
    long size = node.isDirectory() ? DIRECTORY_SIZE : node.size();
    return new FileStatus(
        node.mode(),
        0,
        node.number(),
        node.device(),
        node.links(),
        node.uid(),
        node.gid(),
        size,
        time,
        time,
        time,
        time);
  }

  @Override
  public byte[] target(long node) throws ErrnoException {
    ImageNode link = node(node);
    if (!link.isSymlink()) {
      throw new ErrnoException(Errno.EINVAL, "readlink");
    }
    return link.target().clone();
  }

  @Override
  public long list(long directory, long offset, List<byte[]> names) throws ErrnoException {
    names.addAll(directory(directory).children().keySet());
    return END;
  }

  @Override
  public Content open(long node, OpenRequest how) throws ErrnoException {
    ImageNode file = node(node);
    if (file.isDirectory()) {
      throw new ErrnoException(Errno.EISDIR, "open");
    }
    if (!FileMode.isRegular(file.mode())) {
      throw new ErrnoException(Errno.ENXIO, "open of a special file");
    }
    if (how.writes()) {
      throw new ErrnoException(Errno.EROFS, "open");
    }
    return new File(file);
  }

  @Override
  public byte[] xattr(long node, byte[] name) throws ErrnoException {
    for (TarXattr xattr : node(node).xattrs()) {
      if (Arrays.equals(xattr.name(), name)) {
        return xattr.value().clone();
      }
    }
    return null;
  }

  @Override
  public List<byte[]> xattrNames(long node) throws ErrnoException {
    return node(node).xattrs().stream().map(TarXattr::name).toList();
  }

  @Override
  public Room room() {
    return new Room(image.bytes(), 0, 0, BLOCK);
  }

  @Override
  public void close() {
    try {
      image.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An open file. */
  private final class File implements Content {
    private final ImageNode file;

    File(ImageNode file) {
      this.file = file;
    }

    @Override
    public long node() {
      return file.number();
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return image.read(file, target, position);
    }

    @Override
    public int write(ByteBuffer source, long position) {
      throw new ReadOnlyFileSystemException();
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public void resize(long size) {
      throw new ReadOnlyFileSystemException();
    }

    @Override
    public void force(boolean metadata) {}

    @Override
    public long copyTo(Content target, long position, long targetPosition, long count) {
      return -1;
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
      return image.map(file, mode, position, size);
    }

    @Override
    public void close() {}
  }
}
