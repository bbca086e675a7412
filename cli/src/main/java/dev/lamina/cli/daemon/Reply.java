package dev.lamina.cli.daemon;

import java.nio.ByteBuffer;

/**
 * How a command line ended, or that its mount is live: exit status, length of the output, output,
 * and the messages as far as the reply goes. Numbers are 32 bits, most significant byte first.
 *
 * @param status exit status of the client, or {@link #DECLINED}
 * @param out for standard output
 * @param err for standard error
 */
public record Reply(int status, byte[] out, byte[] err) {
  /** No exit status of any command: whoever asked has to serve himself. */
  public static final int DECLINED = 125;

  private static final int HEAD = 2 * Integer.BYTES;

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
