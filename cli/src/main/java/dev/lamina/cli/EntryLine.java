package dev.lamina.cli;

import dev.lamina.linux.FileMode;
import dev.lamina.linux.Stat;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * How {@code lamina ls} writes an entry: names as bytes, quoted on a terminal, as ls does, and with
 * {@code -l} what ls shows, owners as the numbers that images have and times in UTC.
 */
final class EntryLine implements EntryWriter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final byte[] ARROW = " -> ".getBytes(StandardCharsets.US_ASCII);

  private final OutputStream out;
  private final boolean quote;
  private final byte end;

  /**
   * Writes to {@code out}.
   *
   * @param quote whether names are quoted, for people
   * @param end what follows each entry: a newline or NUL
   */
  EntryLine(OutputStream out, boolean quote, char end) {
    this.out = out;
    this.quote = quote;
    this.end = (byte) end;
  }

  @Override
  public void name(byte[] name) throws IOException {
    write(name);
    out.write(end);
  }

  @Override
  public void details(byte[] name, Stat stat, byte[] target) throws IOException {
    String size =
        isDevice(stat.mode)
            ? FileMode.major(stat.rdev) + ", " + FileMode.minor(stat.rdev)
            : Long.toString(stat.size);
    String line =
        String.format(
            Locale.ROOT,
            "%s %2d %5s %5s %10s %s ",
            mode(stat.mode),
            stat.nlink,
            Integer.toUnsignedString(stat.uid),
            Integer.toUnsignedString(stat.gid),
            size,
            TIME.format(Instant.ofEpochSecond(stat.mtime)));
    out.write(line.getBytes(StandardCharsets.US_ASCII));
    write(name);
    if (target != null) {
      out.write(ARROW);
      write(target);
    }
    out.write(end);
  }

  @Override
  public void deletion(byte[] name) throws IOException {
    String line =
        String.format(
            Locale.ROOT, "%-10s %2s %5s %5s %10s %-16s ", "deleted", "-", "-", "-", "-", "-");
    out.write(line.getBytes(StandardCharsets.US_ASCII));
    write(name);
    out.write(end);
  }

  @Override
  public void end() {}

  private void write(byte[] name) throws IOException {
    out.write(quote ? Quoting.quoted(name).getBytes(StandardCharsets.UTF_8) : name);
  }

  private static boolean isDevice(int mode) {
    int type = mode & FileMode.S_IFMT;
    return type == FileMode.S_IFCHR || type == FileMode.S_IFBLK;
  }

  /** {@code drwxr-sr-t}, as ls(1) and stat(1) write modes. */
  static String mode(int mode) {
    char type =
        switch (mode & FileMode.S_IFMT) {
          case FileMode.S_IFDIR -> 'd';
          case FileMode.S_IFLNK -> 'l';
          case FileMode.S_IFCHR -> 'c';
          case FileMode.S_IFBLK -> 'b';
          case FileMode.S_IFIFO -> 'p';
          case FileMode.S_IFSOCK -> 's';
          default -> '-';
        };
    char[] text = {type, 'r', 'w', 'x', 'r', 'w', 'x', 'r', 'w', 'x'};
    for (int bit = 0; bit < 9; bit++) {
      if ((mode & (0400 >> bit)) == 0) {
        text[bit + 1] = '-';
      }
    }
    special(text, 3, (mode & FileMode.S_ISUID) != 0, 's');
    special(text, 6, (mode & FileMode.S_ISGID) != 0, 's');
    special(text, 9, (mode & FileMode.S_ISVTX) != 0, 't');
    return new String(text);
  }

  private static void special(char[] text, int at, boolean set, char letter) {
    if (set) {
      text[at] = text[at] == 'x' ? letter : Character.toUpperCase(letter);
    }
  }
}
