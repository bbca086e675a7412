package dev.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.primitives.Bytes;
import dev.lamina.linux.GzipInflater;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GzipHeaderTest {
  private static final byte[] CONTENT = "content of a member\n".getBytes(StandardCharsets.US_ASCII);
  private static final int PLAIN_HEADER = 10;

  @BeforeEach
  void requireIsal() {
    assumeTrue(GzipInflater.isAvailable(), "no ISA-L for this processor");
  }

  private static byte[] plainMember() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(CONTENT);
    }
    return out.toByteArray();
  }

  /** With an extra field, a name, a comment and a checksum of the header. */
  private static byte[] member(int checksumError) throws IOException {
    byte[] plain = plainMember();
    byte[] header = {0x1f, (byte) 0x8b, 8, 0x1e, 1, 2, 3, 4, 0, 3};
    byte[] fields = {3, 0, 9, 0, 9, 'n', 'a', 'm', 'e', 0, 'c', 0};
    CRC32 crc = new CRC32();
    crc.update(header);
    crc.update(fields);
    int sum = (int) crc.getValue() + checksumError;
    byte[] checksum = {(byte) sum, (byte) (sum >> 8)};
    byte[] rest = Arrays.copyOfRange(plain, PLAIN_HEADER, plain.length);
    return Bytes.concat(header, fields, checksum, rest);
  }

  /** Reads what comes in pieces of {@code piece} bytes. */
  private static byte[] read(byte[] blob, int piece) throws IOException {
    InputStream pieces =
        new ByteArrayInputStream(blob) {
          @Override
          public int read(byte[] target, int from, int count) {
            return super.read(target, from, Math.min(count, piece));
          }
        };
    try (InputStream in = new FastGzipStream(pieces)) {
      return in.readAllBytes();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 11, 1000})
  void allFields_inPieces_areRead(int piece) throws IOException {
    byte[] members = Bytes.concat(member(0), plainMember(), member(0));
    assertThat(read(members, piece)).isEqualTo(Bytes.concat(CONTENT, CONTENT, CONTENT));
  }

  @Test
  void wrongChecksumOfTheHeader_isAnError() throws IOException {
    byte[] member = member(1);
    assertThatThrownBy(() -> read(member, 1000)).isInstanceOf(ZipException.class);
  }

  @Test
  void reservedFlag_isAnError() throws IOException {
    byte[] member = plainMember();
    member[3] = (byte) 0x80;
    assertThatThrownBy(() -> read(member, 1000)).isInstanceOf(ZipException.class);
  }

  @Test
  void secondMemberCutAnywhere_endsTooEarly() throws IOException {
    byte[] first = member(0);
    byte[] both = Bytes.concat(first, member(0));
    for (int end = first.length + 1; end < both.length; end++) {
      byte[] cut = Arrays.copyOf(both, end);
      for (int piece : new int[] {1, 5, 1000}) {
        assertThatThrownBy(() -> read(cut, piece))
            .as("cut at %s", end)
            .isInstanceOf(EOFException.class);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 512})
  void zerosBehindTheLastMember_areAnError(int zeros) throws IOException {
    byte[] padded = Bytes.concat(member(0), new byte[zeros]);
    assertThatThrownBy(() -> read(padded, 1000)).isInstanceOf(ZipException.class);
  }
}
