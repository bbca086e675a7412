package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.Out;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.NativeMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Messages to the kernel that answer no request; any thread may send one. */
final class Notifications implements KernelCache {
  private static final Logger log = LoggerFactory.getLogger(Notifications.class);

  private final int device;
  private final NativeMemory memory = NativeMemory.allocate(Out.Header.SIZE + Out.InvalInode.SIZE);
  private final Reply reply = new Reply().reset(memory);

  /**
   * Messages of one connection.
   *
   * @param device a descriptor of it, which outlives this
   */
  Notifications(int device) {
    this.device = device;
  }

  @Override
  public synchronized void attributesChanged(long node) {
    reply.invalidateAttributes(node);
    send(memory, reply.length());
  }

  @Override
  public boolean store(NativeMemory message, int length) {
    return send(message, length);
  }

  private boolean send(NativeMemory message, int length) {
    try {
      Fd.write(device, message, 0, length);
      return true;
    } catch (ErrnoException e) {
      // ENOENT: the kernel does not know the node, so it believes nothing wrong of it.
      if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
        log.error("the kernel refused a notification", e);
      }
      return false;
    }
  }
}
