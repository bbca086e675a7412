package dev.lamina.linux;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;

/**
 * {@code syscall(2)} with five arguments and a garbage sixth, without what {@link LibC#syscall}
 * costs: a call with more than six integers allocates 72 bytes and takes 150 ns longer. By way of
 * jffi, on which JNR-FFI stands, as the six that it takes are too many for JNR-FFI (see {@link
 * LibC}). Failures are told by {@link Native#errno}, as ever.
 */
final class FastSyscall {
  private static final Invoker INVOKER = Invoker.getInstance();

  /** Keeps the library loaded. */
  private static final Library LIBC = Library.getCachedInstance("libc.so.6", Library.LAZY);

  private static final long SYSCALL = LIBC.getSymbolAddress("syscall");

  private static final CallContext SIX_LONGS =
      CallContext.getCallContext(
          Type.SINT64,
          new Type[] {Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64},
          CallingConvention.DEFAULT,
          true);

  private FastSyscall() {}

  static long call(int number, long a, long b, long c, long d, long e) {
    return INVOKER.invokeN6(SIX_LONGS, SYSCALL, number, a, b, c, d, e);
  }
}
