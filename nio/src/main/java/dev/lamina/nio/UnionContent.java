package dev.lamina.nio;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.overlay.AttributeChange;
import dev.lamina.overlay.InodeFileSystem;
import dev.lamina.overlay.Opened;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An open file of the union. */
final class UnionContent implements Content {
  private final InodeFileSystem inodes;
  private final UnionTools.Pool pool;
  private final long node;
  private final long handle;

  /** A descriptor of the real file, where the data stays for good; else {@link Opened#NONE}. */
  private final int settled;

  private UnionContent(
      InodeFileSystem inodes, UnionTools.Pool pool, long node, long handle, int settled) {
    this.inodes = inodes;
    this.pool = pool;
    this.node = node;
    this.handle = handle;
    this.settled = settled;
  }

  /** Takes over the handle, which holds {@code node}. */
  static UnionContent of(InodeFileSystem inodes, UnionTools.Pool pool, long node, Opened opened) {
    int settled = opened.settled ? opened.descriptor : Opened.NONE;
    return new UnionContent(inodes, pool, node, opened.handle, settled);
  }

  @Override
  public long node() {
    return node;
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    return pool.with(
        t -> {
          int done = 0;
          while (target.hasRemaining()) {
            int wanted = Math.min(target.remaining(), UnionTools.MEMORY);
            int got = inodes.read(handle, t.memory(), 0, wanted, position + done);
            target.put(t.memory().asByteBuffer(0, got));
            done += got;
            if (got < wanted) {
              break;
            }
          }
          return done;
        });
  }

  @Override
  public int write(ByteBuffer source, long position) throws IOException {
    return pool.with(
        t -> {
          int done = 0;
          while (source.hasRemaining()) {
            int wanted = Math.min(source.remaining(), UnionTools.MEMORY);
            t.memory().asByteBuffer(0, wanted).put(source.slice(source.position(), wanted));
            int written = inodes.write(handle, t.memory(), 0, wanted, position + done);
            source.position(source.position() + written);
            done += written;
          }
          return done;
        });
  }

  @Override
  public long size() throws IOException {
    return pool.with(
        t -> {
          inodes.getattr(node, t.stat);
          return t.stat.size;
        });
  }

  @Override
  public void resize(long size) throws IOException {
    AttributeChange change = new AttributeChange();
    change.set = AttributeChange.SIZE;
    change.size = size;
    pool.run(t -> inodes.setattr(t.caller, node, handle, change, t.stat));
  }

  @Override
  public void force(boolean metadata) throws IOException {
    inodes.fsync(handle, !metadata);
  }

  @Override
  public long copyTo(Content target, long position, long targetPosition, long count)
      throws IOException {
    if (!(target instanceof UnionContent other) || other.inodes != inodes) {
      return -1;
    }
    try {
      return inodes.copyRange(handle, position, other.handle, targetPosition, count);
    } catch (ErrnoException e) {
      int errno = e.errno();
      if (errno == Errno.EXDEV || errno == Errno.EOPNOTSUPP || errno == Errno.EINVAL) {
        // Layers on filesystems that cannot copy to each other.
        return -1;
      }
      throw e;
    }
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
    if (settled == Opened.NONE) {
      throw new UnsupportedOperationException("the data may yet move to the writable layer");
    }
    Path real = Path.of("/proc/self/fd/" + settled);
    if (mode == MapMode.READ_ONLY) {
      try (FileChannel channel = FileChannel.open(real, StandardOpenOption.READ)) {
        return channel.map(mode, position, size);
      }
    }
    try (FileChannel channel =
        FileChannel.open(real, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(mode, position, size);
    }
  }

  @Override
  public void close() {
    inodes.release(handle);
  }
}
