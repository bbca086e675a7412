package dev.lamina.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.common.base.Utf8;
import com.google.common.io.BaseEncoding;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Stat;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;

/**
 * The entries of {@code lamina ls} as one JSON array, written as they come. A name or target that
 * is not UTF-8 is shown with replacements, and its bytes in base64 beside it.
 */
final class EntryJson implements EntryWriter {
  private final JsonGenerator json;

  EntryJson(OutputStream out) throws IOException {
    json = new JsonFactory().createGenerator(out).useDefaultPrettyPrinter();
    json.writeStartArray();
  }

  @Override
  public void name(byte[] name) throws IOException {
    json.writeStartObject();
    text("name", name);
    json.writeEndObject();
  }

  @Override
  public void details(byte[] name, Stat stat, byte[] target) throws IOException {
    json.writeStartObject();
    text("name", name);
    json.writeStringField("type", type(stat.mode));
    json.writeStringField(
        "mode", String.format(Locale.ROOT, "%04o", stat.mode & FileMode.PERMISSIONS));
    json.writeNumberField("links", stat.nlink);
    json.writeNumberField("uid", Integer.toUnsignedLong(stat.uid));
    json.writeNumberField("gid", Integer.toUnsignedLong(stat.gid));
    json.writeNumberField("size", stat.size);
    json.writeStringField(
        "modified", Instant.ofEpochSecond(stat.mtime, stat.mtimeNanos).toString());
    if (type(stat.mode).endsWith("device")) {
      json.writeNumberField("major", FileMode.major(stat.rdev));
      json.writeNumberField("minor", FileMode.minor(stat.rdev));
    }
    if (target != null) {
      text("target", target);
    }
    json.writeEndObject();
  }

  @Override
  public void deletion(byte[] name) throws IOException {
    json.writeStartObject();
    text("name", name);
    json.writeStringField("type", "deletion");
    json.writeEndObject();
  }

  /** Closes the array, and lets go of the stream without closing it. */
  @Override
  public void end() throws IOException {
    json.writeEndArray();
    json.writeRaw('\n');
    json.flush();
  }

  private void text(String field, byte[] bytes) throws IOException {
    json.writeStringField(field, new String(bytes, StandardCharsets.UTF_8));
    if (!Utf8.isWellFormed(bytes)) {
      json.writeStringField(field + "Base64", BaseEncoding.base64().encode(bytes));
    }
  }

  private static String type(int mode) {
    return switch (mode & FileMode.S_IFMT) {
      case FileMode.S_IFDIR -> "directory";
      case FileMode.S_IFLNK -> "symlink";
      case FileMode.S_IFCHR -> "character device";
      case FileMode.S_IFBLK -> "block device";
      case FileMode.S_IFIFO -> "fifo";
      case FileMode.S_IFSOCK -> "socket";
      default -> "file";
    };
  }
}
