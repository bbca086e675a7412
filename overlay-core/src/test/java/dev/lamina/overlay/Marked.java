package dev.lamina.overlay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.linux.At;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** Metacopies on disk, as kernel overlayfs and mkcomposefs make them; and what is on disk. */
final class Marked {
  private static final Name METACOPY = Name.of("trusted.overlay.metacopy");
  private static final Name REDIRECT = Name.of("trusted.overlay.redirect");

  private Marked() {}

  /** A metacopy of {@code size} bytes; {@code redirect} may be null. */
  static void make(Path file, long size, String redirect) throws Exception {
    Files.createDirectories(file.getParent());
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(size);
    }
    mark(file, new byte[0]);
    if (redirect != null) {
      Xattr.set(At.FDCWD, Name.of(file.toString()), REDIRECT, redirect.getBytes(UTF_8), 0);
    }
  }

  static void mark(Path file, byte[] value) throws Exception {
    Xattr.set(At.FDCWD, Name.of(file.toString()), METACOPY, value, 0);
  }

  static boolean is(Path file) throws Exception {
    return Xattr.get(At.FDCWD, Name.of(file.toString()), METACOPY) != null;
  }

  /** Where it says that its data is, or null. */
  static String redirect(Path file) throws Exception {
    byte[] value = Xattr.get(At.FDCWD, Name.of(file.toString()), REDIRECT);
    return value == null ? null : new String(value, UTF_8);
  }

  /** What the file takes up on disk, in bytes; xattrs that did not fit the inode included. */
  static long allocated(Path file) throws Exception {
    Stat stat = new Stat();
    At.stat(At.FDCWD, Name.of(file.toString()), stat);
    return stat.blocks * 512;
  }
}
