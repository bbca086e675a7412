package dev.lamina.nio;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.Caller;
import dev.lamina.overlay.Entry;
import dev.lamina.overlay.Opened;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What one call of the seam needs, kept for the next: off-heap memory above all. */
final class UnionTools {
  /** Bytes of {@link #memory}: enough for any xattr, and for data at a time. */
  static final int MEMORY = Xattr.SIZE_MAX;

  final Name name = new Name();
  final Name other = new Name();
  final Entry entry = new Entry();
  final Stat stat = new Stat();
  final Opened opened = new Opened();
  final Caller caller;
  private NativeMemory memory;

  private UnionTools(int umask) {
    caller = Caller.self();
    caller.umask = umask;
  }

  NativeMemory memory() {
    if (memory == null) {
      memory = NativeMemory.allocate(MEMORY);
    }
    return memory;
  }

  /** As many as there were calls at once. */
  static final class Pool {
    private final int umask;
    private final ConcurrentLinkedQueue<UnionTools> idle = new ConcurrentLinkedQueue<>();

    Pool(int umask) {
      this.umask = umask;
    }

    interface Call<T> {
      T with(UnionTools tools) throws ErrnoException;
    }

    interface Action {
      void with(UnionTools tools) throws ErrnoException;
    }

    <T> T with(Call<T> call) throws ErrnoException {
      UnionTools tools = idle.poll();
      if (tools == null) {
        tools = new UnionTools(umask);
      }
      try {
        return call.with(tools);
      } finally {
        idle.add(tools);
      }
    }

    void run(Action action) throws ErrnoException {
      with(
          tools -> {
            action.with(tools);
            return null;
          });
    }
  }
}
