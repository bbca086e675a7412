package dev.lamina.nio;

import dev.lamina.linux.ErrnoException;
import java.nio.file.attribute.FileTime;

/** A {@link Tree} that can be changed. Modes are cut by the file system's umask. */
interface WritableTree extends Tree {
  /** An owner that stays as it is. */
  int KEEP = -1;

  /** A new regular file, open. */
  record Created(Found found, Content content) {}

  /** Makes and opens a regular file; EEXIST where the name is taken. */
  Created create(long directory, byte[] name, int mode, OpenRequest how) throws ErrnoException;

  void mkdir(long directory, byte[] name, int mode) throws ErrnoException;

  void symlink(long directory, byte[] name, byte[] target) throws ErrnoException;

  /** Makes a device node, FIFO or socket; {@code mode} with its type. */
  void mknod(long directory, byte[] name, int mode, long device) throws ErrnoException;

  /** Another name for {@code node}. */
  void link(long node, long directory, byte[] name) throws ErrnoException;

  void unlink(long directory, byte[] name) throws ErrnoException;

  void rmdir(long directory, byte[] name) throws ErrnoException;

  /** As rename(2). */
  void rename(long from, byte[] name, long to, byte[] newName) throws ErrnoException;

  void chmod(long node, int mode) throws ErrnoException;

  /** {@link #KEEP} leaves one as it is. */
  void chown(long node, int uid, int gid) throws ErrnoException;

  /** Null leaves one as it is. */
  void setTimes(long node, FileTime access, FileTime modification) throws ErrnoException;

  void setXattr(long node, byte[] name, byte[] value) throws ErrnoException;

  void removeXattr(long node, byte[] name) throws ErrnoException;
}
