package dev.lamina.linux;

import java.io.IOException;

/**
 * A system call failed, or an operation fails the way a system call would.
 *
 * <p>Has no stack trace unless {@code -Ddev.lamina.traceErrno=true}: these are ordinary answers
 * (EEXIST, ENOTEMPTY) on their way to the program that asked, and a trace costs more than the call.
 */
public final class ErrnoException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final boolean TRACE = Boolean.getBoolean("dev.lamina.traceErrno");

  private final int errno;
  private final String context;

  /**
   * Makes the exception for one failure.
   *
   * @param errno a positive error number of {@link Errno}
   * @param context what failed, for people: a call's name, or a sentence naming file and layer
   */
  public ErrnoException(int errno, String context) {
    this.errno = errno;
    this.context = context;
  }

  /** The positive error number, as in {@code errno.h}. */
  public int errno() {
    return errno;
  }

  /** The same error, said of {@code subject}: what a person needs to find the file. */
  public ErrnoException about(Object subject) {
    ErrnoException named = new ErrnoException(errno, context + " " + subject);
    named.initCause(getCause());
    return named;
  }

  @Override
  public String getMessage() {
    return context + ": " + Errno.describe(errno);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return TRACE ? super.fillInStackTrace() : this;
  }
}
