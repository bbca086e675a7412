package dev.lamina.linux;

/**
 * Stands before the C library, for tests that count system calls, make them fail, or end a process
 * in the middle of its work. Programs that name none call the C library directly, at no cost.
 */
public interface Interposer {
  /**
   * System property with the name of a class that implements this and has a public constructor
   * without parameters. Read once, when the first system call is made.
   */
  String PROPERTY = "dev.lamina.linux.interposer";

  /** What is called instead of {@code libc}. */
  LibC before(LibC libc, Caller caller);

  /** The thread that makes a call, and the process's memory, which arguments point to. */
  interface Caller {
    /** Sets errno as the caller reads it after a failed call; by the same thread. */
    void setErrno(int errno);

    /** The bytes of the C string at {@code address}, which is an argument of a running call. */
    byte[] string(long address);
  }
}
