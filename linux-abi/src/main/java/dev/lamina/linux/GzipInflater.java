package dev.lamina.linux;

import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.DataFormatException;

/**
 * Inflates gzip members with {@link Isal}: header and trailer are read and compared too. As {@link
 * java.util.zip.Inflater} it is given input and asked for output, in turns.
 *
 * <p>For one thread. Its memory, about {@value #INPUT} bytes and what {@code outputSize} says, is
 * freed some time after it becomes unreachable.
 */
@SuppressWarnings("ReachabilityFenceUsage") // wants a finally, but native calls do not throw
public final class GzipInflater {
  // struct inflate_state of igzip_lib.h, version 2.30; isUsable() tells whether this one is it.
  private static final int NEXT_OUT = 0;
  private static final int AVAIL_OUT = 8;
  private static final int NEXT_IN = 16;
  private static final int AVAIL_IN = 32;
  private static final int BLOCK_STATE = 21160;
  private static final int CRC_FLAG = 21172;

  /** More than any version's 87,368 bytes. */
  private static final int STATE_SIZE = 128 << 10;

  private static final int ISAL_GZIP = 1;
  private static final int ISAL_BLOCK_FINISH = 5;
  private static final int ISAL_OUT_OVERFLOW = 2;

  /** Bytes of input that are taken at once. */
  private static final int INPUT = 64 << 10;

  /** Made when first asked for: it takes some milliseconds. */
  private static final class Library {
    private static final Isal LOADED = Isal.Loader.load();
    private static final boolean USABLE = LOADED != null && isUsable(LOADED);
  }

  private final Isal isal;
  private final NativeMemory state = NativeMemory.allocate(STATE_SIZE);
  private final NativeMemory input = NativeMemory.allocate(INPUT);
  private final NativeMemory output;

  private GzipInflater(Isal isal, int outputSize) {
    this.isal = isal;
    this.output = NativeMemory.allocate(outputSize);
    isal.isal_inflate_init(state.address());
    state.putInt(CRC_FLAG, ISAL_GZIP);
  }

  /** Whether this host has the library, and it works. */
  public static boolean isAvailable() {
    return Library.USABLE;
  }

  /**
   * Makes one at the start of a member.
   *
   * @param outputSize the most that one call gives
   * @throws IllegalStateException where it is not available
   */
  public static GzipInflater create(int outputSize) {
    if (!isAvailable()) {
      throw new IllegalStateException("no ISA-L");
    }
    return new GzipInflater(Library.LOADED, outputSize);
  }

  /** Inflates a known member, so that a version of another layout is not used. */
  static boolean isUsable(Isal isal) {
    String member = "1f8b08000000000002ffcb49cccdcc4b54c8c142010098c529fa1b000000";
    byte[] input = HexFormat.of().parseHex(member);
    try {
      GzipInflater inflater = new GzipInflater(isal, 64);
      inflater.setInput(input, 0, input.length);
      byte[] output = new byte[64];
      int count = inflater.inflate(output, 0, output.length);
      String text = new String(output, 0, count, StandardCharsets.US_ASCII);
      boolean ends = inflater.isFinished() && inflater.remaining() == 0;
      return ends && text.equals("lamina lamina lamina lamina");
    } catch (DataFormatException e) {
      return false;
    }
  }

  /** Bytes of the input that are not used yet. */
  public int remaining() {
    return state.getInt(AVAIL_IN);
  }

  /**
   * Takes input, when nothing of what was taken before remains.
   *
   * @return how much of it was taken
   */
  public int setInput(byte[] source, int from, int count) {
    int taken = Math.min(count, INPUT);
    input.put(0, source, from, taken);
    state.putLong(NEXT_IN, input.address());
    state.putInt(AVAIL_IN, taken);
    return taken;
  }

  /**
   * Inflates into {@code target}.
   *
   * @return how many bytes; 0 where it wants input, or where the member ends
   * @throws DataFormatException where the input is not of the format, or a checksum differs
   */
  public int inflate(byte[] target, int from, int count) throws DataFormatException {
    if (isFinished()) {
      return 0;
    }
    int space = Math.min(count, output.size());
    int before = remaining();
    state.putLong(NEXT_OUT, output.address());
    state.putInt(AVAIL_OUT, space);
    int result = isal.isal_inflate(state.address());
    Reference.reachabilityFence(this);
    int got = space - state.getInt(AVAIL_OUT);
    if (result < 0) {
      throw new DataFormatException(message(result));
    }
    if (result > ISAL_OUT_OVERFLOW || (got == 0 && before > 0 && remaining() == before)) {
      throw new DataFormatException("a gzip member that cannot be inflated (" + result + ")");
    }
    output.get(0, target, from, got);
    return got;
  }

  private static String message(int result) {
    return switch (result) {
      case -1 -> "invalid deflate block";
      case -2 -> "invalid deflate symbol";
      case -3 -> "distance too far back";
      case -4 -> "not in gzip format";
      case -5 -> "unsupported compression method";
      case -6 -> "incorrect checksum";
      default -> "error " + result + " of ISA-L";
    };
  }

  /** Whether the member's end was reached, and its checksum and size were right. */
  public boolean isFinished() {
    return state.getInt(BLOCK_STATE) == ISAL_BLOCK_FINISH;
  }

  /** Goes on with another member, in the input that remains. */
  public void reset() {
    isal.isal_inflate_reset(state.address());
    state.putInt(CRC_FLAG, ISAL_GZIP);
    Reference.reachabilityFence(this);
  }
}
