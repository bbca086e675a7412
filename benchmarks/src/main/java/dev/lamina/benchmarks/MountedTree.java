package dev.lamina.benchmarks;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/** A mount at work: system calls on paths in it, each as C would make it. */
final class MountedTree implements AutoCloseable {
  private static final int WRITE_SIZE = 1 << 20;
  private static final int BLOCK = 4096;
  private static final int SEED = 17;

  private final Stack stack;
  private final long slabsBefore;
  private final int fd;
  private final NativeMemory memory = NativeMemory.allocate(WRITE_SIZE);

  /**
   * The mount of {@code stack}.
   *
   * @param slabsBefore {@link Memory#ofKernel} before it was mounted
   */
  MountedTree(Stack stack, long slabsBefore) throws IOException {
    this.stack = stack;
    this.slabsBefore = slabsBefore;
    this.fd = Scratch.open(stack.target());
  }

  Path root() {
    return stack.target();
  }

  /** What the mount has taken so far, in the kernel and in its server, in MiB. */
  double memory() throws IOException {
    return (Memory.ofKernel() - slabsBefore + Memory.ofServer(stack)) / 1048576.0;
  }

  private int open(String path, int flags) throws ErrnoException {
    return At.open(fd, Name.of(path), flags, 0644);
  }

  void openAndClose(String path, int times) throws ErrnoException {
    for (int i = 0; i < times; i++) {
      Fd.close(open(path, OpenFlags.O_RDONLY));
    }
  }

  /** Opens for writing and changes one block. */
  void writeBlock(String path) throws ErrnoException {
    int file = open(path, OpenFlags.O_WRONLY);
    try {
      Fd.pwrite(file, memory, 0, BLOCK, 0);
    } finally {
      Fd.close(file);
    }
  }

  void readBlocksAtRandom(String path, long size, int times) throws ErrnoException {
    onBlocksAtRandom(path, OpenFlags.O_RDONLY, size, times, Fd::pread);
  }

  void writeBlocksAtRandom(String path, long size, int times) throws ErrnoException {
    onBlocksAtRandom(path, OpenFlags.O_WRONLY, size, times, Fd::pwrite);
  }

  /** pread(2) or pwrite(2). */
  private interface Access {
    int at(int file, NativeMemory memory, int start, int size, long offset) throws ErrnoException;
  }

  private void onBlocksAtRandom(String path, int flags, long size, int times, Access access)
      throws ErrnoException {
    Random random = new Random(SEED);
    int file = open(path, flags);
    try {
      for (int i = 0; i < times; i++) {
        access.at(file, memory, 0, BLOCK, block(random, size));
      }
    } finally {
      Fd.close(file);
    }
  }

  private static long block(Random random, long size) {
    return (long) random.nextInt((int) (size / BLOCK)) * BLOCK;
  }

  /** Writes a new file from one end to the other, and syncs it where {@code synced}. */
  void writeThrough(String path, long size, boolean synced) throws ErrnoException {
    int file = open(path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC);
    try {
      for (long at = 0; at < size; at += WRITE_SIZE) {
        Fd.pwrite(file, memory, 0, WRITE_SIZE, at);
      }
      if (synced) {
        Fd.sync(file);
      }
    } finally {
      Fd.close(file);
    }
  }

  void createEmpty(String prefix, int count) throws ErrnoException {
    for (int i = 0; i < count; i++) {
      Fd.close(open(prefix + i, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL));
    }
  }

  void unlinkAll(String prefix, int count) throws ErrnoException {
    for (int i = 0; i < count; i++) {
      At.unlink(fd, Name.of(prefix + i));
    }
  }

  void mkdir(String path) throws ErrnoException {
    At.mkdir(fd, Name.of(path), 0755);
  }

  /** Renames something there and back again. */
  void renameThereAndBack(String path, String other, int times) throws ErrnoException {
    Name from = Name.of(path);
    Name to = Name.of(other);
    for (int i = 0; i < times; i++) {
      At.rename(fd, from, fd, to, 0);
      Name swap = from;
      from = to;
      to = swap;
    }
  }

  @Override
  public void close() {
    Fd.close(fd);
  }
}
