package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.fuse.wire.Request;
import dev.lamina.fuse.wire.Uring;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.IoUring;
import dev.lamina.linux.IoVectors;
import dev.lamina.linux.NativeMemory;

/**
 * One place of one queue, where the kernel puts a request and finds the reply. It belongs to the
 * ring that carried its last command, and to the thread of that ring, until another ring commits
 * the request that it holds.
 */
final class RingEntry {
  /** {@code FUSE_MIN_READ_BUFFER}: the kernel wants no payload to have less room. */
  private static final int LEAST_PAYLOAD = 8192;

  /** Room for the longest names of a request: of a symbolic link, and its target. */
  private static final int NAMES = 4096 + 256;

  private static final int NAMES_AT = 512;
  private static final int PAYLOAD_AT = 8192;

  private final int queue;
  private final NativeMemory header;
  private final NativeMemory names;
  private final NativeMemory payload;
  private final IoVectors vectors;
  private final Request request = new Request();
  private final Reply reply = new Reply();

  /**
   * Makes one, of which the kernel knows nothing yet.
   *
   * @param queue number of the CPU whose requests come here
   * @param maxWrite most bytes of data in one request
   */
  RingEntry(int queue, int maxWrite) {
    this.queue = queue;
    int room = Math.max(Math.max(maxWrite, LEAST_PAYLOAD), NativeMemory.pageSize());
    NativeMemory memory = NativeMemory.allocatePageAligned(PAYLOAD_AT + room);
    header = memory.slice(0, Uring.Header.SIZE);
    names = memory.slice(NAMES_AT, NAMES);
    payload = memory.slice(PAYLOAD_AT, room);
    vectors = IoVectors.of(header, payload);
    reply.reset(header, payload);
  }

  int queue() {
    return queue;
  }

  /** Prepares the command that makes this known to the kernel; {@code number} comes back. */
  void register(IoUring ring, int device, long number) throws ErrnoException {
    int at = ring.command(device, Uring.Command.REGISTER, vectors, number);
    ring.submissions().putShort(at + Uring.Command.QID, (short) queue);
  }

  /** Serves the request that lies here, and prepares the command that hands back the reply. */
  void serve(Dispatcher dispatcher, IoUring ring, int device, long number) throws ErrnoException {
    long commitId = header.getLong(Uring.Header.RING_ENT_IN_OUT + Uring.Entry.COMMIT_ID);
    decode();
    if (!dispatcher.dispatch(request, reply)) {
      // The kernel sends no request this way that wants no reply.
      reply.error(request.unique(), Errno.EIO);
    }
    header.putInt(Uring.Header.RING_ENT_IN_OUT + Uring.Entry.PAYLOAD_SZ, reply.bodyLength());
    int at = ring.command(device, Uring.Command.COMMIT_AND_FETCH, null, number);
    ring.submissions().putLong(at + Uring.Command.COMMIT_ID, commitId);
    ring.submissions().putShort(at + Uring.Command.QID, (short) queue);
  }

  /**
   * The reply goes where the payload came, so names are moved aside, and with them whatever is
   * small. Data stays: of the requests that bring any, none has a reply before they are used up.
   */
  private void decode() {
    int length = header.getInt(Uring.Header.RING_ENT_IN_OUT + Uring.Entry.PAYLOAD_SZ);
    request.reset(header, payload, length);
    if (length > 0 && length <= NAMES && request.opcode() != Opcode.WRITE) {
      names.copyFrom(0, payload, 0, length);
      request.reset(header, names, length);
    }
  }
}
