package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.DirentEncoder;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.Out;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.linux.NativeMemory;
import dev.lamina.overlay.InodeFileSystem;

/**
 * What the kernel holds of a filesystem: looked-up nodes and open handles. The kernel does not give
 * them back when a mount ends (it sends no FORGET then, and drops what RELEASEs were still queued),
 * so the session does: a filesystem that outlives its mount leaks nothing.
 *
 * <p>Thread-safe.
 */
final class KernelReferences {
  private final InodeFileSystem fileSystem;
  private final LongCounters nodes = new LongCounters();
  private final LongCounters files = new LongCounters();
  private final IoModes ioModes;
  private final CachedFiles cachedFiles = new CachedFiles();

  /**
   * References of one connection.
   *
   * @param backings for files in passthrough
   */
  KernelReferences(
      InodeFileSystem fileSystem, PassthroughPolicy policy, IoModes.Backings backings) {
    this.fileSystem = fileSystem;
    this.ioModes = new IoModes(policy, backings, nodes::contains);
  }

  IoModes ioModes() {
    return ioModes;
  }

  CachedFiles cachedFiles() {
    return cachedFiles;
  }

  void lookedUp(long node) {
    nodes.add(node, 1);
  }

  void forget(long node, long count) {
    long held = nodes.subtract(node, count);
    if (held > 0) {
      // First: the filesystem may give the id to another file at once.
      ioModes.forgotten(node);
      cachedFiles.remove(node);
      fileSystem.forget(node, held);
    }
  }

  void openedFile(long handle) {
    files.add(handle, 1);
  }

  void releaseFile(long handle) {
    if (files.subtract(handle, 1) > 0) {
      fileSystem.release(handle);
    }
  }

  /** Takes back what a reply handed out that the kernel did not take. */
  void undo(int opcode, Reply reply) {
    if (reply.bodyLength() == 0) {
      return;
    }
    NativeMemory body = reply.body();
    switch (opcode) {
      case Opcode.LOOKUP, Opcode.MKNOD, Opcode.MKDIR, Opcode.SYMLINK, Opcode.LINK ->
          forgetEntry(body, 0);
      case Opcode.CREATE, Opcode.TMPFILE -> {
        releaseFile(body.getLong(Out.Entry.SIZE + Out.Open.FH));
        forgetEntry(body, 0);
      }
      case Opcode.OPEN -> releaseFile(body.getLong(Out.Open.FH));
      case Opcode.READDIRPLUS -> {
        int length = reply.bodyLength();
        for (int at = 0; at < length; at += DirentEncoder.plusSizeAt(body, at)) {
          forgetEntry(body, at);
        }
      }
      default -> {}
    }
  }

  private void forgetEntry(NativeMemory body, int at) {
    long node = body.getLong(at + Out.Entry.NODEID);
    if (node != 0) {
      forget(node, 1);
    }
  }

  /** Gives everything back; for the end of the connection, when no request is under way. */
  void releaseAll() {
    files.drain((handle, count) -> fileSystem.release(handle));
    nodes.drain(fileSystem::forget);
  }
}
