package dev.lamina.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** {@link Request} and {@link Reply} on their way. */
class MessagesTest {
  private static byte[] body(ByteBuffer encoded) {
    assertThat(encoded.getInt()).isEqualTo(encoded.remaining());
    byte[] body = new byte[encoded.remaining()];
    encoded.get(body);
    return body;
  }

  @Test
  void request_arrivesAsItWas() {
    Request request =
        new Request(
            "/usr/lib/lamina 17",
            "lamina",
            "/tmp/a b",
            List.of("LAMINA_ROOT=/r", "XDG_DATA_HOME="),
            List.of("mount", "", "bild:v1", "/mnt/\u00fc\n"));
    assertThat(Request.decode(body(request.encode()))).isEqualTo(request);
    Request bare = new Request("b", "p", "d", List.of(), List.of());
    assertThat(Request.decode(body(bare.encode()))).isEqualTo(bare);
  }

  @Test
  void request_cutAnywhere_isRefusedOrShorter() {
    Request request = new Request("b", "p", "d", List.of("A=1"), List.of("mount", "x"));
    byte[] whole = body(request.encode());
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      try {
        assertThat(Request.decode(part).words().size()).isLessThan(request.words().size());
      } catch (IllegalArgumentException e) {
        // No request.
      }
    }
  }

  @Property(seed = "2026")
  void request_ofAnyBytes_isRefusedByOneExceptionOnly(@ForAll @Size(max = 64) byte[] bytes) {
    try {
      Request.decode(bytes);
    } catch (IllegalArgumentException e) {
      // NumberFormatException is one.
    }
  }

  @Test
  void request_withMoreVariablesThanStrings_isRefused() {
    byte[] bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, '1'};
    assertThatThrownBy(() -> Request.decode(bytes)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void reply_arrivesAsItWas_andHalfAReplyIsNone() {
    Reply reply = new Reply(3, new byte[] {1, 2}, new byte[] {3});
    Reply arrived = Reply.decode(reply.encode());
    assertThat(arrived.status()).isEqualTo(3);
    assertThat(arrived.out()).isEqualTo(reply.out());
    assertThat(arrived.err()).isEqualTo(reply.err());
    assertThat(Reply.decode(new byte[0])).isNull();
    assertThat(Reply.decode(Arrays.copyOf(reply.encode(), 9))).isNull();
  }
}
