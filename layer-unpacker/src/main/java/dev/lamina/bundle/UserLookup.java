package dev.lamina.bundle;

import com.google.common.base.Splitter;
import dev.lamina.image.ImageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Finds whom {@code USER} of an image means: {@code USER[:GROUP]}, each a name or a number, in the
 * image's own passwd(5) and group(5). A number needs no line there; a name does. Without a group,
 * the user's own one counts, and all that list him (config.md, "User").
 */
public final class UserLookup {
  private static final Splitter COLONS = Splitter.on(':');
  private static final Splitter COMMAS = Splitter.on(',').omitEmptyStrings();

  /** Greatest id: the one above means "leave it" to chown(2). */
  private static final long MOST = 0xffff_fffeL;

  private final List<List<String>> passwd;
  private final List<List<String>> group;

  /**
   * Looks into these files' contents, empty where the image has none. Lines that are of another
   * form are nobody's.
   */
  public UserLookup(byte[] passwd, byte[] group) {
    this.passwd = lines(passwd, 7);
    this.group = lines(group, 4);
  }

  private static List<List<String>> lines(byte[] file, int fields) {
    // Names are bytes: as characters of Latin-1 they stay what they are.
    return new String(file, StandardCharsets.ISO_8859_1)
        .lines()
        .map(COLONS::splitToList)
        .filter(line -> line.size() >= fields && number(line.get(2)).isPresent())
        .toList();
  }

  /** Whom {@code text} means; empty is root. */
  public ProcessUser find(String text) throws ImageException {
    String latin = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    List<String> parts = COLONS.limit(2).splitToList(latin);
    String user = parts.get(0).isEmpty() ? "0" : parts.get(0);
    Optional<Long> number = number(user);
    Optional<List<String>> line =
        first(passwd, entry -> entry.get(0).equals(user))
            .or(() -> first(passwd, entry -> number(entry.get(2)).equals(number)));
    if (line.isEmpty() && number.isEmpty()) {
      throw missing("user", text, "/etc/passwd");
    }
    long uid = line.flatMap(entry -> number(entry.get(2))).orElseGet(number::get);
    String home = line.map(entry -> entry.get(5)).filter(path -> !path.isEmpty()).orElse("/");
    if (parts.size() > 1 && !parts.get(1).isEmpty()) {
      return new ProcessUser(uid, gid(parts.get(1), text), List.of(), home);
    }
    long gid = line.flatMap(entry -> number(entry.get(3))).orElse(0L);
    return new ProcessUser(uid, gid, groupsOf(line, gid), home);
  }

  private long gid(String name, String text) throws ImageException {
    return first(group, entry -> entry.get(0).equals(name))
        .flatMap(entry -> number(entry.get(2)))
        .or(() -> number(name))
        .orElseThrow(() -> missing("group", text, "/etc/group"));
  }

  private List<Long> groupsOf(Optional<List<String>> user, long gid) {
    List<Long> groups = new ArrayList<>();
    for (List<String> entry : group) {
      long id = number(entry.get(2)).orElseThrow();
      boolean listed =
          user.isPresent() && COMMAS.splitToList(entry.get(3)).contains(user.get().get(0));
      if (listed && id != gid && !groups.contains(id)) {
        groups.add(id);
      }
    }
    return groups;
  }

  private static Optional<List<String>> first(
      List<List<String>> lines, Predicate<List<String>> wanted) {
    return lines.stream().filter(wanted).findFirst();
  }

  private static Optional<Long> number(String text) {
    try {
      // No sign, and nothing that a long does not hold.
      long number = text.matches("[0-9]{1,10}") ? Long.parseLong(text) : -1;
      return number < 0 || number > MOST ? Optional.empty() : Optional.of(number);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static ImageException missing(String what, String text, String file) {
    return new ImageException(
        ImageException.Kind.NOT_FOUND,
        String.format("the %s of \"%s\" is not in the image's %s", what, text, file));
  }
}
