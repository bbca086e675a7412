package dev.lamina.cli.daemon;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A command line on its way to the daemon: the length of all that follows, then each string as its
 * length and its bytes in UTF-8. Lengths are 32 bits, most significant byte first.
 *
 * @param build of the client, see {@link Build}; another build's requests may have another form, so
 *     it comes first and the rest counts only where it is the daemon's own
 * @param program {@code lamina} or {@code fuse-lamina}
 * @param directory the caller's working directory
 * @param variables {@code NAME=value} of the environment, those that commands look at
 * @param words the command line
 */
public record Request(
    String build, String program, String directory, List<String> variables, List<String> words) {
  /** A command line has at most 2 MiB by itself (execve(2)). */
  static final int MOST_BYTES = 4 << 20;

  /** With its length in front. */
  ByteBuffer encode() {
    List<byte[]> strings = new ArrayList<>();
    add(strings, build);
    add(strings, program);
    add(strings, directory);
    add(strings, Integer.toString(variables.size()));
    for (String variable : variables) {
      add(strings, variable);
    }
    for (String word : words) {
      add(strings, word);
    }
    int size = 0;
    for (byte[] string : strings) {
      size += Integer.BYTES + string.length;
    }
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + size).putInt(size);
    for (byte[] string : strings) {
      bytes.putInt(string.length).put(string);
    }
    return bytes.flip();
  }

  private static void add(List<byte[]> strings, String string) {
    strings.add(string.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads what follows the length.
   *
   * @throws IllegalArgumentException if it is no request
   */
  static Request decode(byte[] encoded) {
    ByteBuffer bytes = ByteBuffer.wrap(encoded);
    List<String> strings = new ArrayList<>();
    while (bytes.hasRemaining()) {
      if (bytes.remaining() < Integer.BYTES) {
        throw new IllegalArgumentException("half a length");
      }
      int length = bytes.getInt();
      if (length < 0 || length > bytes.remaining()) {
        throw new IllegalArgumentException("a string of " + length + " bytes");
      }
      strings.add(new String(encoded, bytes.position(), length, StandardCharsets.UTF_8));
      bytes.position(bytes.position() + length);
    }
    if (strings.size() < 4) {
      throw new IllegalArgumentException("only " + strings.size() + " strings");
    }
    int variables = Integer.parseInt(strings.get(3));
    if (variables < 0 || variables > strings.size() - 4) {
      throw new IllegalArgumentException(variables + " variables");
    }
    return new Request(
        strings.get(0),
        strings.get(1),
        strings.get(2),
        List.copyOf(strings.subList(4, 4 + variables)),
        List.copyOf(strings.subList(4 + variables, strings.size())));
  }
}
