package dev.lamina.nio;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A path of a {@link LaminaFileSystem}: bytes, since that is what names are. As text it is UTF-8,
 * and bytes that are not show as U+FFFD; {@link #toUri} keeps all of them. The empty path is the
 * root directory, as relative paths start there. Immutable.
 */
final class LaminaPath implements Path {
  private final LaminaFileSystem fileSystem;

  /** Without spare slashes; not to be changed. */
  private final byte[] bytes;

  private final List<byte[]> names;
  private String text;

  private LaminaPath(LaminaFileSystem fileSystem, byte[] bytes) {
    this.fileSystem = fileSystem;
    this.bytes = bytes;
    this.names = bytes.length == 0 ? List.of(PathBytes.NONE) : PathBytes.components(bytes);
  }

  static LaminaPath of(LaminaFileSystem fileSystem, byte[] path) {
    return new LaminaPath(fileSystem, PathBytes.withoutSpareSlashes(path));
  }

  /** {@code path} itself, which has to be one of this provider's. */
  static LaminaPath require(Path path) {
    if (path instanceof LaminaPath known) {
      return known;
    }
    if (path == null) {
      throw new NullPointerException("path");
    }
    throw new ProviderMismatchException();
  }

  private LaminaPath of(boolean absolute, List<byte[]> components) {
    return new LaminaPath(fileSystem, PathBytes.join(absolute, components));
  }

  /** Not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  /** The entry {@code name} of this directory. */
  LaminaPath entry(byte[] name) {
    if (isEmpty()) {
      return new LaminaPath(fileSystem, name);
    }
    List<byte[]> longer = new ArrayList<>(names);
    longer.add(name);
    return of(isAbsolute(), longer);
  }

  private boolean isEmpty() {
    return bytes.length == 0;
  }

  @Override
  public LaminaFileSystem getFileSystem() {
    return fileSystem;
  }

  @Override
  public boolean isAbsolute() {
    return PathBytes.isAbsolute(bytes);
  }

  @Override
  public LaminaPath getRoot() {
    return isAbsolute() ? new LaminaPath(fileSystem, PathBytes.ROOT) : null;
  }

  @Override
  public LaminaPath getFileName() {
    return names.isEmpty() ? null : new LaminaPath(fileSystem, names.get(names.size() - 1));
  }

  @Override
  public LaminaPath getParent() {
    if (names.isEmpty()) {
      return null;
    }
    List<byte[]> parent = names.subList(0, names.size() - 1);
    return parent.isEmpty() ? getRoot() : of(isAbsolute(), parent);
  }

  @Override
  public int getNameCount() {
    return names.size();
  }

  @Override
  public LaminaPath getName(int index) {
    return subpath(index, index + 1);
  }

  @Override
  public LaminaPath subpath(int beginIndex, int endIndex) {
    if (beginIndex < 0 || endIndex > names.size() || beginIndex >= endIndex) {
      throw new IllegalArgumentException(
          "no names from " + beginIndex + " to " + endIndex + " in " + this);
    }
    return of(false, names.subList(beginIndex, endIndex));
  }

  @Override
  public boolean startsWith(Path other) {
    LaminaPath that = sameFileSystem(other);
    if (that == null || that.isAbsolute() != isAbsolute()) {
      return false;
    }
    if (that.isEmpty() || isEmpty()) {
      return that.isEmpty() && isEmpty();
    }
    return names.size() >= that.names.size() && matches(that, 0);
  }

  @Override
  public boolean endsWith(Path other) {
    LaminaPath that = sameFileSystem(other);
    if (that == null) {
      return false;
    }
    if (that.isEmpty() || isEmpty()) {
      return that.isEmpty() && isEmpty();
    }
    int before = names.size() - that.names.size();
    if (that.isAbsolute()) {
      return isAbsolute() && before == 0 && matches(that, 0);
    }
    return before >= 0 && matches(that, before);
  }

  private LaminaPath sameFileSystem(Path other) {
    if (other == null) {
      throw new NullPointerException("other");
    }
    return other instanceof LaminaPath that && that.fileSystem == fileSystem ? that : null;
  }

  /** Whether the names of {@code that} are this path's from {@code at} on. */
  private boolean matches(LaminaPath that, int at) {
    for (int i = 0; i < that.names.size(); i++) {
      if (!Arrays.equals(names.get(at + i), that.names.get(i))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public LaminaPath normalize() {
    List<byte[]> kept = new ArrayList<>();
    for (byte[] name : names) {
      boolean climbs =
          PathBytes.isDotDot(name)
              && !kept.isEmpty()
              && !PathBytes.isDotDot(kept.get(kept.size() - 1));
      if (climbs) {
        kept.remove(kept.size() - 1);
      } else if (!PathBytes.isDot(name) && !(PathBytes.isDotDot(name) && isAbsolute())) {
        kept.add(name);
      }
    }
    return kept.size() == names.size() ? this : of(isAbsolute(), kept);
  }

  @Override
  public LaminaPath resolve(Path other) {
    LaminaPath that = require(other);
    if (that.isAbsolute() || isEmpty()) {
      return that;
    }
    if (that.isEmpty()) {
      return this;
    }
    List<byte[]> both = new ArrayList<>(names);
    both.addAll(that.names);
    return of(isAbsolute(), both);
  }

  @Override
  public LaminaPath relativize(Path other) {
    LaminaPath child = require(other);
    if (child.equals(this)) {
      return of(false, List.of());
    }
    if (child.isAbsolute() != isAbsolute()) {
      throw new IllegalArgumentException("'other' is different type of Path");
    }
    if (isEmpty()) {
      return child;
    }
    LaminaPath base = this;
    if (base.hasDots() || child.hasDots()) {
      base = base.normalize();
      child = child.normalize();
    }
    List<byte[]> from = base.isEmpty() ? List.of() : base.names;
    List<byte[]> to = child.isEmpty() ? List.of() : child.names;
    int common = 0;
    while (common < Math.min(from.size(), to.size())
        && Arrays.equals(from.get(common), to.get(common))) {
      common++;
    }
    List<byte[]> way = new ArrayList<>();
    for (byte[] name : from.subList(common, from.size())) {
      if (PathBytes.isDotDot(name)) {
        throw new IllegalArgumentException(
            "Unable to compute relative  path from " + this + " to " + other);
      }
      way.add(PathBytes.DOT_DOT);
    }
    way.addAll(to.subList(common, to.size()));
    return of(false, way);
  }

  private boolean hasDots() {
    return names.stream().anyMatch(n -> PathBytes.isDot(n) || PathBytes.isDotDot(n));
  }

  @Override
  public URI toUri() {
    return LaminaUri.of(fileSystem.name(), toAbsolutePath().bytes);
  }

  @Override
  public LaminaPath toAbsolutePath() {
    return isAbsolute() ? this : fileSystem.rootPath().resolve(this);
  }

  @Override
  public LaminaPath toRealPath(LinkOption... options) throws IOException {
    return fileSystem.inspection().realPath(this, Links.follow(options));
  }

  @Override
  public File toFile() {
    throw new UnsupportedOperationException("Path not associated with default file system.");
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    if (watcher == null) {
      throw new NullPointerException("watcher");
    }
    throw new ProviderMismatchException();
  }

  /** By bytes, not by language. */
  @Override
  public int compareTo(Path other) {
    return Arrays.compareUnsigned(bytes, ((LaminaPath) other).bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LaminaPath that
        && that.fileSystem == fileSystem
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    String known = text;
    if (known == null) {
      known = new String(bytes, StandardCharsets.UTF_8);
      text = known;
    }
    return known;
  }
}
