package dev.lamina.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.image.ImageException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whom USER of an image means. */
final class UserLookupTest {
  private static final String PASSWD =
      """
      root:x:0:0:root:/root:/bin/sh
      web:x:33:34:web:/var/www:/bin/false
      short:x:1
      odd:x:-5:0::/:
      77:x:78:79:a name of digits:/home/77:/bin/sh
      gr\u00fcn:x:40:41::/home/g:/bin/sh
      """;

  private static final String GROUP =
      """
      root:x:0:
      www:x:34:
      media:x:50:web,77
      tape:x:51:root,web
      again:x:50:web
      """;

  private final UserLookup users = new UserLookup(bytes(PASSWD), bytes(GROUP));

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 0, 0, /root",
    "root, 0, 0, /root",
    "web, 33, 34, /var/www",
    "33, 33, 34, /var/www",
    "web:media, 33, 50, /var/www",
    "web:1234, 33, 1234, /var/www",
    "1000, 1000, 0, /",
    "1000:www, 1000, 34, /",
    "77, 78, 79, /home/77",
    "gr\u00fcn, 40, 41, /home/g",
    ":media, 0, 50, /root",
    "4294967294, 4294967294, 0, /",
  })
  void user_isFound(String text, long uid, long gid, String home) throws Exception {
    ProcessUser user = users.find(text);
    assertThat(List.of(user.uid(), user.gid())).containsExactly(uid, gid);
    assertThat(user.home()).isEqualTo(home);
  }

  @Test
  void groups_areThoseThatListHim_unlessOneWasNamed() throws Exception {
    assertThat(users.find("web").groups()).containsExactly(50L, 51L);
    assertThat(users.find("web:www").groups()).isEmpty();
    assertThat(users.find("1000").groups()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"nobody", "web:nogroup", "short", "odd", "-1", "4294967295", "99999999999", "web:-1"})
  void nameThatIsNotThere_isRefused(String text) {
    assertThatThrownBy(() -> users.find(text))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("\"" + text + "\"");
  }

  @Property(seed = "2026")
  void anyFiles_areRead(@ForAll byte[] passwd, @ForAll byte[] group) throws Exception {
    assertThat(new UserLookup(passwd, group).find("12:34").uid()).isNotNegative();
  }
}
