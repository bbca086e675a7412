package dev.lamina.cli.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What a server says once its caller has gone: each line with the time and the mount in front, by
 * one write, so that several may share a file. It never fails: a log that cannot be written is no
 * reason to fail anything else. Thread-safe.
 */
public final class LogLines extends OutputStream {
  private final OutputStream target;
  private final String mount;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  public LogLines(OutputStream target, String mount) {
    this.target = target;
    this.mount = mount;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int count) {
    for (int i = from; i < from + count; i++) {
      line.write(bytes[i]);
      if (bytes[i] == '\n') {
        byte[] whole = withPrefix(line.toByteArray());
        line.reset();
        try {
          target.write(whole);
        } catch (IOException e) {
          // As said above.
        }
      }
    }
  }

  /** A line for the journal, which knows the time, keeps its level in front. */
  private byte[] withPrefix(byte[] text) {
    int level = text.length > 3 && text[0] == '<' && text[2] == '>' ? 3 : 0;
    String prefix =
        level > 0
            ? new String(text, 0, level, StandardCharsets.US_ASCII) + mount + ": "
            : Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + mount + ": ";
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(prefix.getBytes(StandardCharsets.UTF_8));
    whole.write(text, level, text.length - level);
    return whole.toByteArray();
  }
}
