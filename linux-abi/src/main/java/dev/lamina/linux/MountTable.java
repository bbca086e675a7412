package dev.lamina.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The mounts that this process sees: {@code /proc/self/mountinfo} (proc(5)). */
public final class MountTable {
  private static final Path SOURCE = Path.of("/proc/self/mountinfo");

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

  /** All mounts in the order they were made. */
  public static List<Entry> read() throws IOException {
    List<Entry> entries = new ArrayList<>();
    // Paths are bytes: Latin-1 keeps each as one character.
    for (String line : Files.readAllLines(SOURCE, StandardCharsets.ISO_8859_1)) {
      String[] fields = line.split(" ", -1);
      int dash = 6;
      while (!fields[dash].equals("-")) {
        dash++;
      }
      entries.add(
          new Entry(
              Integer.parseInt(fields[0]),
              fields[2],
              Path.of(unescape(fields[4])),
              fields[dash + 1],
              unescape(fields[dash + 2]),
              fields[dash + 3]));
    }
    return entries;
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

  /** Undoes the kernel's {@code \040} escapes and decodes the bytes as UTF-8. */
  private static String unescape(String field) {
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
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
