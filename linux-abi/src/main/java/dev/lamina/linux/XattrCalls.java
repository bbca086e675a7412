package dev.lamina.linux;

/**
 * The system calls on the extended attributes of one name below a directory descriptor. Results are
 * the kernel's: sizes, or negative with errno set.
 */
interface XattrCalls {
  /** What this kernel has, asked once. */
  static XattrCalls ofThisKernel() {
    return NewCalls.xattrat() ? new XattrAt() : new XattrByPath();
  }

  long get(int dirfd, Name file, Name name, NativeMemory value, int at, int size);

  long set(int dirfd, Name file, Name name, NativeMemory value, int at, int size, int flags);

  long remove(int dirfd, Name file, Name name);

  long list(int dirfd, Name file, NativeMemory list, int at, int size);
}
