package dev.lamina.nio;

import dev.lamina.linux.ErrnoException;
import java.util.List;

/**
 * What a file system shows: nodes by number, names as bytes. Two things are behind it, so it is in
 * plain Java, without memory of the kernel's.
 *
 * <p>A node out of a {@link Found} is held until it was forgotten; {@link #ROOT} always is.
 * Failures are {@link ErrnoException}s as Linux gives them. Any number of threads may call. After
 * {@link #close} nobody does.
 */
interface Tree {
  /** The node of the root directory. */
  long ROOT = 1;

  /** What {@link #list} returns when there is nothing more. */
  long END = -1;

  /** A node that is held, and what it is. */
  record Found(long node, FileStatus status) {}

  /** Room of the file system, in bytes. */
  record Room(long total, long free, long usable, long blockSize) {}

  /** What {@code name} stands for in a directory; null where it is absent. */
  Found lookup(long directory, byte[] name) throws ErrnoException;

  /** Gives back one lookup. */
  void forget(long node);

  FileStatus status(long node) throws ErrnoException;

  /** Target of a symbolic link; EINVAL for anything else. */
  byte[] target(long node) throws ErrnoException;

  /**
   * Adds names of a directory to {@code names}, no dot names, some at a time.
   *
   * @param offset 0 to begin, else what the call before returned
   * @return where to go on, or {@link #END}
   */
  long list(long directory, long offset, List<byte[]> names) throws ErrnoException;

  /** Opens a regular file; EISDIR, ENXIO for anything else. */
  Content open(long node, OpenRequest how) throws ErrnoException;

  /** Value of an extended attribute; null where there is none of that name. */
  byte[] xattr(long node, byte[] name) throws ErrnoException;

  /** Names of all extended attributes. */
  List<byte[]> xattrNames(long node) throws ErrnoException;

  Room room() throws ErrnoException;

  /** Whether nothing can be changed. */
  default boolean isReadOnly() {
    return !(this instanceof WritableTree);
  }

  /** Lets go of everything. */
  void close();
}
