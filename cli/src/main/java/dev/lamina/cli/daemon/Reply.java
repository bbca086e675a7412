package dev.lamina.cli.daemon;

import java.nio.ByteBuffer;

/**
 * How a command line ended, or that its mount is live: exit status, length of the output, output,
 * and the messages as far as the reply goes. Numbers are 32 bits, most significant byte first. The
 * arrays belong to the reply.
 */
public final class Reply {
  /** No exit status of any command: there is no daemon (any more), and another may be started. */
  public static final int ABSENT = 124;

  /** No exit status of any command: whoever asked has to serve himself. */
  public static final int DECLINED = 125;

  private static final int HEAD = 2 * Integer.BYTES;

  private final int status;
  private final byte[] out;
  private final byte[] err;

  Reply(int status, byte[] out, byte[] err) {
    this.status = status;
    this.out = out;
    this.err = err;
  }

  /** Exit status of the client, {@link #DECLINED} or {@link #ABSENT}. */
  int status() {
    return status;
  }

  /** For standard output. */
  byte[] out() {
    return out;
  }

  /** For standard error. */
  byte[] err() {
    return err;
  }

  byte[] encode() {
    return ByteBuffer.allocate(HEAD + out.length + err.length)
        .putInt(status)
        .putInt(out.length)
        .put(out)
        .put(err)
        .array();
  }

  /** Reads a whole reply; null for anything else, such as the first half of one. */
  static Reply decode(byte[] encoded) {
    if (encoded.length < HEAD) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.wrap(encoded);
    int status = bytes.getInt();
    int length = bytes.getInt();
    if (length < 0 || length > bytes.remaining()) {
      return null;
    }
    byte[] out = new byte[length];
    bytes.get(out);
    byte[] err = new byte[bytes.remaining()];
    bytes.get(err);
    return new Reply(status, out, err);
  }
}
