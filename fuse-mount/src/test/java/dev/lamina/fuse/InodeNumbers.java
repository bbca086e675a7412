package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The inode number of every path of a mounted tree, the same by every way to ask for it. */
final class InodeNumbers {
  private final SortedMap<String, Long> byPath = new TreeMap<>();

  private InodeNumbers() {}

  /** Reads each directory before anything in it is looked up. */
  static SortedMap<String, Long> of(Path root) throws Exception {
    InodeNumbers numbers = new InodeNumbers();
    Stat stat = new Stat();
    At.stat(At.FDCWD, Name.of(root.toString()), stat);
    numbers.byPath.put("", stat.ino);
    numbers.addDirectory(root, "");
    return numbers.byPath;
  }

  private void addDirectory(Path directory, String prefix) throws Exception {
    SortedMap<String, Long> listed = new TreeMap<>();
    int fd = At.openHostPath(Name.of(directory.toString()), OpenFlags.O_RDONLY);
    try {
      DirectoryReader reader = new DirectoryReader().reset(fd);
      while (reader.next()) {
        listed.put(reader.name().toString(), reader.ino());
      }
      for (Map.Entry<String, Long> entry : listed.entrySet()) {
        addEntry(directory, fd, prefix, entry.getKey(), entry.getValue());
      }
    } finally {
      Fd.close(fd);
    }
  }

  private void addEntry(Path directory, int fd, String prefix, String name, long listed)
      throws Exception {
    Path path = directory.resolve(name);
    Stat statx = new Stat();
    assertThat(At.stat(fd, Name.of(name), statx)).isTrue();
    assertThat(statx.ino).as("statx and readdir of %s", path).isEqualTo(listed);
    assertThat(Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS))
        .as("stat and readdir of %s", path)
        .isEqualTo(listed);
    byPath.put(prefix + name, listed);
    if (FileMode.isDirectory(statx.mode)) {
      addDirectory(path, prefix + name + "/");
    }
  }

  /** Which path of {@code before} each path has the number of; null for a number of its own. */
  static SortedMap<String, String> identities(
      SortedMap<String, Long> before, SortedMap<String, Long> after) {
    Map<Long, String> known = new TreeMap<>();
    before.forEach((path, ino) -> known.putIfAbsent(ino, path));
    SortedMap<String, String> identities = new TreeMap<>();
    after.forEach((path, ino) -> identities.put(path, known.get(ino)));
    return identities;
  }
}
