package dev.lamina.fuse.libfuse;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.BaseStruct;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import jnr.ffi.provider.ClosureManager;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * The {@code struct fuse_operations} of one mount. What is left out libfuse answers with ENOSYS,
 * and the kernel remembers that and does without: access (the kernel checks permissions), locks (it
 * keeps them), bmap, poll.
 *
 * <p>C code calls into this object, so it must stay reachable for as long as libfuse may.
 */
final class OperationTable {
  // Bits of struct fuse_operations (fuse.h): no path is needed where there is a handle, and times
  // may be omitted.
  private static final int NULLPATH_OK = 1;
  private static final int NOPATH = 1 << 1;
  private static final int UTIME_OMIT_OK = 1 << 2;

  /** Capabilities of fuse_common.h. */
  private static final int ATOMIC_O_TRUNC = 1 << 3;

  private static final int BIG_WRITES = 1 << 5;

  /** The umask comes along and is left to the filesystem: a default ACL takes its place. */
  private static final int DONT_MASK = 1 << 6;

  private static final int IOCTL_DIR = 1 << 11;

  private final Runtime runtime = Runtime.getSystemRuntime();
  private final ClosureManager closures = runtime.getClosureManager();
  private final FuseOperations operations = new FuseOperations(runtime);
  private final Pointer memory;
  private volatile int kernelMinor;

  /** JNR-FFI frees what leads to an object that nobody holds. */
  private final List<Object> kept = new ArrayList<>();

  OperationTable(boolean flushOnClose) {
    memory = Memory.allocateDirect(runtime, size(), true);
    // Bits, which jnr-fuse takes for bytes; they follow this function.
    memory.putInt(operations.bmap.offset() + Long.BYTES, NULLPATH_OK | NOPATH | UTIME_OMIT_OK);
    putNodeCalls();
    putNameCalls();
    putFileCalls(flushOnClose);
    putDirectoryCalls();
    putXattrCalls();
  }

  long address() {
    return memory.address();
  }

  int size() {
    return Struct.size(operations);
  }

  /** The kernel's protocol is 7 and this; known as soon as it has answered anything. */
  int kernelMinor() {
    return kernelMinor;
  }

  private void putNodeCalls() {
    put(
        operations.init,
        Callbacks.Init.class,
        connection -> {
          kernelMinor = Structs.protocolMinor(connection);
          Structs.want(connection, ATOMIC_O_TRUNC | BIG_WRITES | DONT_MASK | IOCTL_DIR);
          return 0;
        });
    put(
        operations.getattr,
        Callbacks.TwoWords.class,
        (path, stat) -> Worker.answer(w -> w.nodes.getattr(path, stat)));
    put(
        operations.fgetattr,
        Callbacks.ThreeWords.class,
        (path, stat, file) -> Worker.answer(w -> w.nodes.fgetattr(stat, file)));
    put(
        operations.readlink,
        Callbacks.ThreeWords.class,
        (path, target, size) -> Worker.answer(w -> w.nodes.readlink(path, target, size)));
    put(
        operations.chmod,
        Callbacks.WordAndInt.class,
        (path, mode) -> Worker.answer(w -> w.nodes.chmod(path, mode)));
    put(
        operations.chown,
        Callbacks.WordAndTwoInts.class,
        (path, uid, gid) -> Worker.answer(w -> w.nodes.chown(path, uid, gid)));
    put(
        operations.truncate,
        Callbacks.TwoWords.class,
        (path, size) -> Worker.answer(w -> w.nodes.truncate(path, size)));
    put(
        operations.ftruncate,
        Callbacks.ThreeWords.class,
        (path, size, file) -> Worker.answer(w -> w.nodes.ftruncate(size, file)));
    put(
        operations.utimens,
        Callbacks.TwoWords.class,
        (path, times) -> Worker.answer(w -> w.nodes.utimens(path, times)));
    put(
        operations.statfs,
        Callbacks.TwoWords.class,
        (path, stat) -> Worker.answer(w -> w.nodes.statfs(stat)));
    put(
        operations.ioctl,
        Callbacks.Ioctl.class,
        (path, command, argument, file, flags, data) ->
            Worker.answer(w -> w.nodes.ioctl(command, file, flags, data)));
  }

  private void putNameCalls() {
    put(
        operations.mknod,
        Callbacks.WordIntWord.class,
        (path, mode, device) -> Worker.answer(w -> w.names.mknod(path, mode, device)));
    put(
        operations.mkdir,
        Callbacks.WordAndInt.class,
        (path, mode) -> Worker.answer(w -> w.names.mkdir(path, mode)));
    put(
        operations.symlink,
        Callbacks.TwoWords.class,
        (target, path) -> Worker.answer(w -> w.names.symlink(target, path)));
    put(
        operations.link,
        Callbacks.TwoWords.class,
        (path, newPath) -> Worker.answer(w -> w.names.link(path, newPath)));
    put(
        operations.unlink,
        Callbacks.OneWord.class,
        path -> Worker.answer(w -> w.names.unlink(path)));
    put(operations.rmdir, Callbacks.OneWord.class, path -> Worker.answer(w -> w.names.rmdir(path)));
    put(
        operations.rename,
        Callbacks.TwoWords.class,
        (path, newPath) -> Worker.answer(w -> w.names.rename(path, newPath)));
  }

  private void putFileCalls(boolean flushOnClose) {
    put(
        operations.open,
        Callbacks.TwoWords.class,
        (path, file) -> Worker.answer(w -> w.files.open(path, file)));
    put(
        operations.create,
        Callbacks.WordIntWord.class,
        (path, mode, file) -> Worker.answer(w -> w.files.create(path, mode, file)));
    put(
        operations.read,
        Callbacks.FiveWords.class,
        (path, data, size, offset, file) ->
            Worker.answer(w -> w.files.read(data, size, offset, file)));
    put(
        operations.write,
        Callbacks.FiveWords.class,
        (path, data, size, offset, file) ->
            Worker.answer(w -> w.files.write(data, size, offset, file)));
    if (flushOnClose) {
      put(
          operations.flush,
          Callbacks.TwoWords.class,
          (path, file) -> Worker.answer(w -> w.files.flush(file)));
    }
    put(
        operations.fsync,
        Callbacks.WordIntWord.class,
        (path, dataOnly, file) -> Worker.answer(w -> w.files.fsync(dataOnly, file)));
    put(
        operations.release,
        Callbacks.TwoWords.class,
        (path, file) -> Worker.answer(w -> w.files.release(file)));
    put(
        operations.fallocate,
        Callbacks.Fallocate.class,
        (path, mode, offset, length, file) ->
            Worker.answer(w -> w.files.fallocate(mode, offset, length, file)));
  }

  private void putDirectoryCalls() {
    put(
        operations.opendir,
        Callbacks.TwoWords.class,
        (path, file) -> Worker.answer(w -> w.directories.opendir(path, file)));
    put(
        operations.readdir,
        Callbacks.FiveWords.class,
        (path, buffer, function, offset, file) ->
            Worker.answer(w -> w.directories.readdir(buffer, function, offset, file)));
    put(
        operations.releasedir,
        Callbacks.TwoWords.class,
        (path, file) -> Worker.answer(w -> w.directories.releasedir(file)));
    put(
        operations.fsyncdir,
        Callbacks.WordIntWord.class,
        (path, dataOnly, file) -> Worker.answer(w -> w.directories.fsyncdir(dataOnly, file)));
  }

  private void putXattrCalls() {
    put(
        operations.getxattr,
        Callbacks.FourWords.class,
        (path, name, value, room) ->
            Worker.answer(w -> w.xattrs.getxattr(path, name, value, room)));
    put(
        operations.listxattr,
        Callbacks.ThreeWords.class,
        (path, list, room) -> Worker.answer(w -> w.xattrs.listxattr(path, list, room)));
    put(
        operations.setxattr,
        Callbacks.FourWordsAndInt.class,
        (path, name, value, size, flags) ->
            Worker.answer(w -> w.xattrs.setxattr(path, name, value, size, flags)));
    put(
        operations.removexattr,
        Callbacks.TwoWords.class,
        (path, name) -> Worker.answer(w -> w.xattrs.removexattr(path, name)));
  }

  private <T> void put(BaseStruct.Func<?> member, Class<T> shape, T callback) {
    kept.add(callback);
    memory.putPointer(member.offset(), closures.getClosurePointer(shape, callback));
  }
}
