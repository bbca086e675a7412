package dev.lamina.overlay;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.linux.StatFs;

/**
 * The seam between the union and whoever carries requests to it: the kernel through FUSE, a Java
 * program in the same process, a test. In the kernel's own terms: nodes (inodes) by number, names
 * within a directory, open handles.
 *
 * <ul>
 *   <li><b>Nodes.</b> {@link #ROOT} always exists. Any other id comes out of an {@link Entry} and
 *       is valid until it was forgotten as often as it was handed out. An id that is not valid
 *       gives ESTALE.
 *   <li><b>Names</b> are bytes, one component: no slash, not empty, not {@code .} or {@code ..}
 *       (EINVAL); more than 255 bytes give ENAMETOOLONG.
 *   <li><b>Handles</b> of files come out of {@link #open}, {@link #create} and {@link #tmpfile} and
 *       are valid until released; an unknown one gives EBADF. Directories are read without.
 *   <li><b>Errors</b> are {@link ErrnoException}s with the errno that kernel overlayfs gives in the
 *       same case. "Absent" is a value in {@link #lookup} and {@link #getxattr}.
 *   <li><b>Memory.</b> Everything passed in belongs to the caller and is not kept. Objects named
 *       {@code out} are filled before a normal return and undefined after an exception.
 *   <li><b>Threads.</b> All methods may be called by any number of threads at once. Methods that
 *       create wear the caller's identity, see {@link dev.lamina.linux.Identity}.
 *   <li><b>Permissions</b> are not checked here, see {@link Caller}.
 * </ul>
 */
public interface InodeFileSystem {
  /** The id of the root directory, FUSE_ROOT_ID of the kernel. */
  long ROOT = 1;

  /** {@link #rename} flags, those of renameat2(2). */
  int RENAME_NOREPLACE = 1;

  int RENAME_EXCHANGE = 2;
  int RENAME_WHITEOUT = 4;

  /** Finds {@code name} in {@code parent}; false (and nothing to forget) where it is absent. */
  boolean lookup(long parent, Name name, Entry out) throws ErrnoException;

  /** Gives back {@code count} lookups of {@code node}. Never fails; unknown ids are ignored. */
  void forget(long node, long count);

  /** Attributes of {@code node}. */
  void getattr(long node, Stat out) throws ErrnoException;

  /**
   * Changes attributes; brings a lower object up first.
   *
   * @param handle a handle of {@code node} that is open for writing, for a change of size; else 0
   */
  void setattr(Caller caller, long node, long handle, AttributeChange change, Stat out)
      throws ErrnoException;

  /** Target of a symbolic link into memory, not terminated; its length. EINVAL if it is none. */
  int readlink(long node, NativeMemory target, int at, int size) throws ErrnoException;

  /**
   * Makes a regular file, device node, FIFO or socket.
   *
   * @param mode type and permission bits; {@link Caller#umask} not yet applied
   * @param device for device nodes, as in {@link dev.lamina.linux.FileMode#device}
   */
  void mknod(Caller caller, long parent, Name name, int mode, long device, Entry out)
      throws ErrnoException;

  /** Makes a directory; {@code mode} as for {@link #mknod}, {@code out} as well. */
  void mkdir(Caller caller, long parent, Name name, int mode, Entry out) throws ErrnoException;

  /** Makes a symbolic link to {@code target}, any bytes. */
  void symlink(Caller caller, long parent, Name name, Name target, Entry out) throws ErrnoException;

  /** Another name for {@code node}, which is not a directory. */
  void link(Caller caller, long node, long newParent, Name newName, Entry out)
      throws ErrnoException;

  /** Removes a name of what is no directory (EISDIR). */
  void unlink(Caller caller, long parent, Name name) throws ErrnoException;

  /** Removes a directory, which must be empty (ENOTEMPTY). */
  void rmdir(Caller caller, long parent, Name name) throws ErrnoException;

  /** Renames as renameat2(2) does, with its flags. */
  void rename(Caller caller, long parent, Name name, long newParent, Name newName, int flags)
      throws ErrnoException;

  /**
   * Opens a regular file.
   *
   * @param flags access mode, O_TRUNC, O_APPEND and what else of {@link dev.lamina.linux.OpenFlags}
   *     concerns an existing file. An open for writing brings a lower file up, without its data
   *     where O_TRUNC is given.
   */
  void open(Caller caller, long node, int flags, Opened out) throws ErrnoException;

  /**
   * Makes the names of a file lead to another id from now on, for a transport that cannot show the
   * file's new data under the old one: see {@link Opened#settled}. The old id goes on meaning the
   * same file until it is forgotten; where it is not the file's newest id, nothing happens.
   */
  default void renew(long node) throws ErrnoException {}

  /** The id that names of {@code node} lead to: another one after {@link #renew}. */
  default long newestId(long node) throws ErrnoException {
    return node;
  }

  /** Makes and opens a regular file; EEXIST where the name is taken. */
  void create(Caller caller, long parent, Name name, int mode, int flags, Entry out, Opened opened)
      throws ErrnoException;

  /**
   * Makes and opens a regular file without a name, as {@code O_TMPFILE} does: 0 links until {@link
   * #link} gives it one. It inherits what a file made in {@code parent} does.
   *
   * @param flags with an access mode that lets data be written (EINVAL)
   */
  default void tmpfile(Caller caller, long parent, int mode, int flags, Entry out, Opened opened)
      throws ErrnoException {
    throw new ErrnoException(Errno.EOPNOTSUPP, "tmpfile");
  }

  /**
   * An {@code ioctl} about the file itself: {@code FS_IOC_GETFLAGS}, {@code FS_IOC_SETFLAGS},
   * {@code FS_IOC_FSGETXATTR}, {@code FS_IOC_FSSETXATTR}, {@code FS_IOC_MEASURE_VERITY}, {@code
   * FS_IOC_ENABLE_VERITY}; any other gives ENOTTY.
   *
   * @param argument the argument's {@code size} bytes at {@code at}, changed in place; what it
   *     points to (salt, then signature, of {@code FS_IOC_ENABLE_VERITY}) follows it
   */
  default void ioctl(long node, int command, NativeMemory argument, int at, int size)
      throws ErrnoException {
    throw new ErrnoException(Errno.ENOTTY, "ioctl");
  }

  /** Reads up to {@code size} bytes into memory at {@code at}; fewer only at the end of file. */
  int read(long handle, NativeMemory memory, int at, int size, long offset) throws ErrnoException;

  /** Writes {@code size} bytes from memory; may write fewer, as pwrite(2) may. */
  int write(long handle, NativeMemory memory, int at, int size, long offset) throws ErrnoException;

  /**
   * As {@link #write} of {@code fileSystem}, again and again until all is written. What was written
   * counts: an error after that is left to the next write, which meets it again.
   *
   * @return bytes that were written, less than {@code size} where an error or a full device was met
   */
  static int writeAll(
      InodeFileSystem fileSystem, long handle, NativeMemory memory, int at, int size, long offset)
      throws ErrnoException {
    int done = 0;
    while (done < size) {
      int count;
      try {
        count = fileSystem.write(handle, memory, at + done, size - done, offset + done);
      } catch (ErrnoException e) {
        if (done == 0) {
          throw e;
        }
        return done;
      }
      if (count == 0) {
        return done;
      }
      done += count;
    }
    return done;
  }

  /** A descriptor of {@code handle} was closed; reports what a close(2) would. */
  void flush(long handle) throws ErrnoException;

  /** Makes data, and unless {@code dataOnly} all metadata, durable. */
  void fsync(long handle, boolean dataOnly) throws ErrnoException;

  /** Ends a handle of a file. Never fails. */
  void release(long handle);

  /** {@code whence} is SEEK_DATA or SEEK_HOLE of {@link dev.lamina.linux.Fd}. */
  long seek(long handle, long offset, int whence) throws ErrnoException;

  /** {@code mode} is that of fallocate(2): FALLOC_FL_* of {@link dev.lamina.linux.Fd}. */
  void fallocate(long handle, int mode, long offset, long length) throws ErrnoException;

  /** Copies within the union; bytes copied, fewer than asked at the end of file. */
  long copyRange(long from, long fromOffset, long to, long toOffset, long length)
      throws ErrnoException;

  /**
   * Hands entries of a directory on to {@code sink} until it is full or the directory ends. There
   * is nothing to open: reading starts at offset 0, and an entry that is there all the while comes
   * exactly once, whatever else comes and goes.
   *
   * @param offset 0 to start, else a {@code nextOffset} of this directory, which is from 1 to
   *     2^31-1 and stays good for as long as the filesystem is open
   * @param withEntries look entries up and hand over each an {@link Entry}, which counts as a
   *     lookup; not all of a very large directory, nor one that is refused
   */
  void readdir(long node, long offset, boolean withEntries, DirectorySink sink)
      throws ErrnoException;

  /** Makes the names in a directory, and unless {@code dataOnly} its attributes, durable. */
  void fsyncdir(long node, boolean dataOnly) throws ErrnoException;

  /** Room and limits of the filesystem that new data goes to. */
  void statfs(StatFs out) throws ErrnoException;

  /**
   * Value of an extended attribute into memory.
   *
   * @param size room in bytes; 0 asks for the size of the value. ERANGE where too small
   * @return the value's size, or -1 where {@code node} has no such attribute
   */
  int getxattr(long node, Name name, NativeMemory value, int at, int size) throws ErrnoException;

  /** {@code flags}: {@link dev.lamina.linux.Xattr#CREATE} (EEXIST) or REPLACE (ENODATA). */
  void setxattr(
      Caller caller, long node, Name name, NativeMemory value, int at, int size, int flags)
      throws ErrnoException;

  /**
   * Names, each ended by a NUL, into memory; their size in bytes, see {@link #getxattr}. Those that
   * the caller may not know of are left out, which a transport cannot do for itself.
   */
  int listxattr(Caller caller, long node, NativeMemory list, int at, int size)
      throws ErrnoException;

  /** Removes an extended attribute. ENODATA where there is none. */
  void removexattr(Caller caller, long node, Name name) throws ErrnoException;

  /**
   * Tells {@code listener} from now on of every node that is promoted: its change time moves, and
   * the inode number of a hard link, though the call that caused it (an open, a rename, a change
   * further down) may hand out no attributes of it. Filesystems without side effects have nothing
   * to tell.
   */
  default void addAttributeListener(AttributeListener listener) {}

  /** Ends what {@link #addAttributeListener} began. */
  default void removeAttributeListener(AttributeListener listener) {}

  /**
   * A transport tells that it answered a request about {@code node} with an error {@linkplain
   * dev.lamina.linux.Errno#isOfHost of the host}. Nothing comes of it but that somebody may want to
   * know.
   *
   * @param operation the protocol's name for the kind of request
   */
  default void requestFailed(String operation, long node, int errno) {}

  /** All that was written so far to stable storage: {@code syncfs(2)}. */
  void syncfs() throws ErrnoException;
}
