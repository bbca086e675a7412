package dev.lamina.fuse.libfuse;

import com.kenai.jffi.MemoryIO;
import dev.lamina.fuse.metrics.Meter;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.linux.Errno;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.AttributeChange;
import dev.lamina.overlay.Caller;
import dev.lamina.overlay.Entry;
import dev.lamina.overlay.InodeFileSystem;
import dev.lamina.overlay.Opened;
import ru.serce.jnrfuse.struct.FuseContext;

/**
 * One callback on its way through one worker, and what the worker reuses for each. Not thread-safe.
 */
final class Call {
  private static final MemoryIO IO = MemoryIO.getInstance();

  final Tree tree;
  final InodeFileSystem fileSystem;
  final PathSlot path;
  final PathSlot otherPath;
  final Name name = new Name();
  final Entry entry = new Entry();
  final Opened opened = new Opened();
  final Stat stat = new Stat();
  final StatStructs structs = new StatStructs();
  final AttributeChange change = new AttributeChange();

  final Meter meter;
  private final LibfuseCalls libfuse;
  private final Caller caller = new Caller();

  /** libfuse's own of this thread; at the same place for each request. */
  private FuseContext context;

  private int request;
  private boolean lookedAround;
  private int errno;

  Call(Tree tree, LibfuseCalls libfuse, Meter meter) {
    this.tree = tree;
    this.fileSystem = tree.fileSystem;
    this.libfuse = libfuse;
    this.meter = meter;
    this.path = new PathSlot(tree);
    this.otherPath = new PathSlot(tree);
  }

  /** {@code opcode}: what libfuse is about to serve, of {@link Opcode}. */
  void begin(int opcode) {
    request = opcode;
    lookedAround = false;
    errno = 0;
  }

  boolean isFor(int opcode) {
    return request == opcode;
  }

  /** What libfuse is serving, for messages. */
  String requestName() {
    return Opcode.name(request);
  }

  /** As {@link #failed}, without an error. */
  void succeeded() {
    errno = 0;
  }

  /** A callback of this request ended so, and that is libfuse's answer, if it is the last. */
  void failed(int with) {
    errno = with;
    if (Errno.isOfHost(with)) {
      fileSystem.requestFailed(requestName(), path.found(), with);
    }
  }

  /** What the request was answered with, or 0; that a name is absent is no failure. */
  int errno() {
    boolean absent = request == Opcode.LOOKUP && errno == Errno.ENOENT;
    return absent ? 0 : errno;
  }

  /** libfuse asked for attributes. */
  void looksAround() {
    lookedAround = true;
  }

  /**
   * Whether a rename by libfuse is not the program's, but hides a file that is open and about to be
   * removed or replaced ({@link HiddenFiles}). Before it hides, and only then, libfuse looks
   * whether the new name is free.
   */
  boolean takesHiding() {
    boolean hides = lookedAround && (request == Opcode.UNLINK || request == Opcode.RENAME);
    lookedAround = false;
    return hides;
  }

  /** Who asked. */
  Caller caller() {
    if (context == null) {
      context = libfuse.fuse_get_context();
    }
    caller.uid = context.uid.intValue();
    caller.gid = context.gid.intValue();
    caller.pid = context.pid.intValue();
    caller.umask = context.umask.intValue();
    return caller;
  }

  /** {@link #name} with the bytes of a C string. */
  Name name(long address) {
    return name.set(IO.getZeroTerminatedByteArray(address));
  }

  /** A change of {@code attributes}, of {@link AttributeChange}, to be filled in. */
  AttributeChange change(int attributes) {
    change.set = attributes;
    return change;
  }

  /** Gives back what {@link #entry} holds: libfuse looks the path up when it wants it. */
  void forgetEntry() {
    fileSystem.forget(entry.node, 1);
  }

  /** At the end of the worker. */
  void drop() {
    path.drop();
    otherPath.drop();
  }
}
