package dev.lamina.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The mounts that this process sees: {@code /proc/self/mountinfo} (proc(5)). */
public final class MountTable {
  private static final Path SOURCE = Path.of("/proc/self/mountinfo");

  /** How {@link Path} turns characters into bytes, in every JDK. */
  private static final Charset PATH_ENCODING =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  /**
   * One mount.
   *
   * @param id the kernel's mount id
   * @param device device number of the filesystem, {@code "MAJOR:MINOR"}
   * @param mountPoint absolute path
   * @param type filesystem type, such as {@code ext4} or {@code fuse.lamina}
   * @param source what was mounted, as the filesystem names it
   * @param options options of the filesystem, comma-separated
   */
  public record Entry(
      int id, String device, Path mountPoint, String type, String source, String options) {}

  private MountTable() {}

  /**
   * All mounts in the order they were made, but those whose mount point no {@link Path} can name in
   * this JVM's encoding.
   */
  public static List<Entry> read() throws IOException {
    List<Entry> entries = new ArrayList<>();
    // Paths are bytes: Latin-1 keeps each as one character.
    for (String line : Files.readAllLines(SOURCE, StandardCharsets.ISO_8859_1)) {
      parse(line).ifPresent(entries::add);
    }
    return entries;
  }

  /** One line of mountinfo, decoded as Latin-1. */
  static Optional<Entry> parse(String line) {
    String[] fields = line.split(" ", -1);
    int dash = 6;
    while (!fields[dash].equals("-")) {
      dash++;
    }
    Path mountPoint;
    try {
      ByteBuffer bytes = ByteBuffer.wrap(unescape(fields[4]));
      mountPoint = Path.of(PATH_ENCODING.newDecoder().decode(bytes).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
    return Optional.of(
        new Entry(
            Integer.parseInt(fields[0]),
            fields[2],
            mountPoint,
            fields[dash + 1],
            new String(unescape(fields[dash + 2]), StandardCharsets.UTF_8),
            fields[dash + 3]));
  }

  /** The mount that lies on top at exactly {@code mountPoint}, an absolute path. */
  public static Optional<Entry> at(Path mountPoint) throws IOException {
    Entry found = null;
    for (Entry entry : read()) {
      if (entry.mountPoint().equals(mountPoint)) {
        found = entry;
      }
    }
    return Optional.ofNullable(found);
  }

  /**
   * The mount that {@code path}, which exists, lies on: the last one made of those with the longest
   * mount point.
   */
  public static Optional<Entry> containing(Path path) throws IOException {
    Path real = path.toRealPath();
    // max() of equals is the last.
    return read().stream()
        .filter(entry -> real.startsWith(entry.mountPoint()))
        .max(Comparator.comparingInt(entry -> entry.mountPoint().getNameCount()));
  }

  /** Undoes the kernel's {@code \040} escapes; {@code field} is decoded as Latin-1. */
  private static byte[] unescape(String field) {
    byte[] bytes = new byte[field.length()];
    int length = 0;
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '\\') {
        bytes[length++] = (byte) Integer.parseInt(field.substring(i + 1, i + 4), 8);
        i += 3;
      } else {
        bytes[length++] = (byte) c;
      }
    }
    return Arrays.copyOf(bytes, length);
  }
}
