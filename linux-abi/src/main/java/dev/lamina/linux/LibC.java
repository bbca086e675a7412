package dev.lamina.linux;

/**
 * The C library's entry points, bound by JNR-FFI. Pointers are {@code long} addresses, which JNR
 * passes for 9 ns where a {@code byte[]} costs 100 (see docs/decisions.md); the typed faces of this
 * package keep them apart from numbers.
 *
 * <p>Every method follows the C convention: a negative result and errno on failure.
 *
 * <p>No method may take exactly six arguments: JNR-FFI 2.2.18 and 2.3.0 pass garbage as the sixth
 * integer on x86-64 (their assembler stubs; {@code snprintf} with six shows it, seven are right).
 * Such calls go through {@link #syscall}, which has seven.
 */
@SuppressWarnings("checkstyle:MethodName")
public interface LibC {
  int openat(int dirfd, long path, int flags, int mode);

  int close(int fd);

  int dup2(int from, int to);

  int pipe2(long fds, int flags);

  int socketpair(int domain, int type, int protocol, long fds);

  long recvmsg(int fd, long message, int flags);

  int socket(int domain, int type, int protocol);

  int bind(int fd, long address, int length);

  int connect(int fd, long address, int length);

  int listen(int fd, int backlog);

  int accept4(int fd, long address, long length, int flags);

  int getsockopt(int fd, int level, int option, long value, long length);

  int shutdown(int fd, int how);

  long read(int fd, long buffer, long size);

  long write(int fd, long buffer, long size);

  long pread(int fd, long buffer, long size, long offset);

  long pwrite(int fd, long buffer, long size, long offset);

  long lseek(int fd, long offset, int whence);

  int ftruncate(int fd, long size);

  int fallocate(int fd, int mode, long offset, long length);

  int fsync(int fd);

  int fdatasync(int fd);

  int syncfs(int fd);

  int sync_file_range(int fd, long offset, long length, int flags);

  int ioctl(int fd, long request, long argument);

  int fcntl(int fd, int command, long argument);

  int flock(int fd, int operation);

  int statx(int dirfd, long path, int flags, int mask, long buffer);

  int fstatfs(int fd, long buffer);

  int name_to_handle_at(int dirfd, long path, long handle, long mountId, int flags);

  int open_by_handle_at(int mountFd, long handle, int flags);

  int mkdirat(int dirfd, long path, int mode);

  int mknodat(int dirfd, long path, int mode, long dev);

  int linkat(int fromDir, long from, int toDir, long to, int flags);

  int symlinkat(long target, int dirfd, long path);

  long readlinkat(int dirfd, long path, long buffer, long size);

  int renameat2(int fromDir, long from, int toDir, long to, int flags);

  int unlinkat(int dirfd, long path, int flags);

  int fchown(int fd, int uid, int gid);

  int fchownat(int dirfd, long path, int uid, int gid, int flags);

  int fchmod(int fd, int mode);

  int chmod(long path, int mode);

  int utimensat(int dirfd, long path, long times, int flags);

  int futimens(int fd, long times);

  long getdents64(int fd, long buffer, long size);

  long lgetxattr(long path, long name, long value, long size);

  int lsetxattr(long path, long name, long value, long size, int flags);

  long llistxattr(long path, long list, long size);

  int lremovexattr(long path, long name);

  long getxattr(long path, long name, long value, long size);

  int setxattr(long path, long name, long value, long size, int flags);

  long listxattr(long path, long list, long size);

  int removexattr(long path, long name);

  int mount(long source, long target, long type, long flags, long data);

  int umount2(long target, int flags);

  int unshare(int flags);

  int setgroups(long size, long list);

  int setgid(int gid);

  int setuid(int uid);

  int setfsuid(int uid);

  int setfsgid(int gid);

  int geteuid();

  int getegid();

  int umask(int mask);

  int chdir(long path);

  int prctl(int option, long a, long b, long c, long d);

  int sched_setaffinity(int pid, long size, long mask);

  int getpagesize();

  /** {@code unused}: see above. */
  long mmap(long address, long length, int protection, int flags, int fd, long offset, long unused);

  /** glibc alone has it: elsewhere an {@link UnsatisfiedLinkError}. */
  int malloc_trim(long keptAtTheTop);

  int munmap(long address, long length);

  int madvise(long address, long length, int advice);

  int capget(long header, long data);

  int capset(long header, long data);

  int getrlimit(int resource, long limits);

  int setrlimit(int resource, long limits);

  /** {@code unused} makes it seven arguments, see above; the callee does not look at it. */
  int posix_spawn(
      long pid, long path, long actions, long attributes, long argv, long environment, long unused);

  int posix_spawn_file_actions_init(long actions);

  int posix_spawn_file_actions_adddup2(long actions, int from, int to);

  int posix_spawn_file_actions_destroy(long actions);

  int waitpid(int pid, long status, int options);

  long syscall(long number, long a, long b, long c, long d, long e, long f);
}
