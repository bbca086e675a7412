package dev.lamina.fuse.libfuse;

import jnr.ffi.annotations.Delegate;

/**
 * The shapes that functions of {@code struct fuse_operations} have: words are addresses, sizes and
 * offsets. Public because JNR-FFI calls them from classes that it makes in another package.
 */
public final class Callbacks {
  private Callbacks() {}

  @FunctionalInterface
  public interface Init {
    @Delegate
    long call(long connection);
  }

  @FunctionalInterface
  public interface OneWord {
    @Delegate
    int call(long first);
  }

  @FunctionalInterface
  public interface TwoWords {
    @Delegate
    int call(long first, long second);
  }

  @FunctionalInterface
  public interface ThreeWords {
    @Delegate
    int call(long first, long second, long third);
  }

  @FunctionalInterface
  public interface FourWords {
    @Delegate
    int call(long first, long second, long third, long fourth);
  }

  @FunctionalInterface
  public interface FiveWords {
    @Delegate
    int call(long first, long second, long third, long fourth, long fifth);
  }

  @FunctionalInterface
  public interface WordAndInt {
    @Delegate
    int call(long first, int second);
  }

  @FunctionalInterface
  public interface WordAndTwoInts {
    @Delegate
    int call(long first, int second, int third);
  }

  @FunctionalInterface
  public interface WordIntWord {
    @Delegate
    int call(long first, int second, long third);
  }

  @FunctionalInterface
  public interface FourWordsAndInt {
    @Delegate
    int call(long first, long second, long third, long fourth, int fifth);
  }

  @FunctionalInterface
  public interface Fallocate {
    @Delegate
    int call(long path, int mode, long offset, long length, long file);
  }

  @FunctionalInterface
  public interface Ioctl {
    @Delegate
    int call(long path, int command, long argument, long file, int flags, long data);
  }
}
