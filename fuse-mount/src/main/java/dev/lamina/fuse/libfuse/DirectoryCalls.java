package dev.lamina.fuse.libfuse;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.overlay.DirectorySink;
import dev.lamina.overlay.Entry;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/** Callbacks on directories: an open one is known by its node. */
final class DirectoryCalls {
  private final Call call;
  private final Filler filler;

  DirectoryCalls(Call call) {
    this.call = call;
    this.filler = new Filler(call.structs);
  }

  int opendir(long path, long file) throws ErrnoException {
    try (PathSlot found = call.path.node(path)) {
      if (found.keep()) {
        call.tree.handles.openedDirectory(found.found());
      }
      Structs.setHandle(file, found.found());
      return 0;
    }
  }

  /** {@code function} takes entries for {@code buffer} until that is full. */
  int readdir(long buffer, long function, long offset, long file) throws ErrnoException {
    filler.reset(function, buffer);
    try {
      call.fileSystem.readdir(Structs.handle(file), offset, false, filler);
    } catch (ErrnoException e) {
      // The next call meets the error again.
      if (filler.taken == 0) {
        throw e;
      }
    }
    return 0;
  }

  int releasedir(long file) {
    call.tree.handles.releasedDirectory(Structs.handle(file));
    return 0;
  }

  int fsyncdir(int dataOnly, long file) throws ErrnoException {
    call.fileSystem.fsyncdir(Structs.handle(file), dataOnly != 0);
    return 0;
  }

  /** libfuse's {@code fuse_fill_dir_t}, a function of a number of arguments that never varies. */
  private static final class Filler implements DirectorySink {
    private static final CallContext SHAPE =
        new CallContext(Type.SINT, Type.POINTER, Type.POINTER, Type.POINTER, Type.SLONG_LONG);

    private final Pointer name =
        Memory.allocateDirect(Runtime.getSystemRuntime(), Name.NAME_MAX + 1);
    private final StatStructs structs;
    private final Pointer stat;

    private long function;
    private long buffer;
    private boolean full;
    private int taken;

    Filler(StatStructs structs) {
      this.structs = structs;
      this.stat = structs.forEntries();
    }

    void reset(long fillFunction, long fillBuffer) {
      function = fillFunction;
      buffer = fillBuffer;
      full = false;
      taken = 0;
    }

    @Override
    public boolean fits(int nameLength) {
      return !full;
    }

    /** Entries that no longer fit are not lost: libfuse asks again from the last one it took. */
    @Override
    public void accept(
        byte[] names, int from, int length, long ino, int type, long nextOffset, Entry entry) {
      MemoryIO.getInstance().putByteArray(name.address(), names, from, length);
      name.putByte(length, (byte) 0);
      structs.putEntry(stat, ino, type);
      long refused =
          Invoker.getInstance()
              .invokeN4(SHAPE, function, buffer, name.address(), stat.address(), nextOffset);
      full = (int) refused != 0;
      taken += full ? 0 : 1;
    }
  }
}
