package dev.lamina.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Attributes by name: {@code VIEW:NAME,NAME} or {@code VIEW:*}, without a view {@code basic}. The
 * views and names are those of the JDK's default file system on Linux.
 */
final class NamedAttributes {
  private static final Map<String, Function<LaminaFileAttributes, Object>> BASIC =
      Map.of(
          "size", LaminaFileAttributes::size,
          "creationTime", LaminaFileAttributes::creationTime,
          "lastAccessTime", LaminaFileAttributes::lastAccessTime,
          "lastModifiedTime", LaminaFileAttributes::lastModifiedTime,
          "isDirectory", LaminaFileAttributes::isDirectory,
          "isRegularFile", LaminaFileAttributes::isRegularFile,
          "isSymbolicLink", LaminaFileAttributes::isSymbolicLink,
          "isOther", LaminaFileAttributes::isOther,
          "fileKey", LaminaFileAttributes::fileKey);

  private static final Map<String, Function<LaminaFileAttributes, Object>> OWNER =
      Map.of("owner", LaminaFileAttributes::owner);

  private static final Map<String, Function<LaminaFileAttributes, Object>> POSIX =
      and(
          BASIC,
          Map.of(
              "permissions", LaminaFileAttributes::permissions,
              "owner", LaminaFileAttributes::owner,
              "group", LaminaFileAttributes::group));

  private static final Map<String, Function<LaminaFileAttributes, Object>> UNIX =
      and(
          POSIX,
          Map.of(
              "mode", a -> a.status().mode(),
              "ino", a -> a.status().ino(),
              "dev", a -> a.status().dev(),
              "rdev", a -> a.status().device(),
              "nlink", a -> a.status().links(),
              "uid", a -> a.status().uid(),
              "gid", a -> a.status().gid(),
              "ctime", a -> a.status().change()));

  private static final Map<String, Map<String, Function<LaminaFileAttributes, Object>>> VIEWS =
      Map.of("basic", BASIC, "owner", OWNER, "posix", POSIX, "unix", UNIX);

  /** All that {@link LaminaFileSystem#supportedFileAttributeViews} has. */
  static final Set<String> SUPPORTED = Set.of("basic", "owner", "posix", "unix", "user");

  private final LaminaPath path;
  private final boolean follow;

  NamedAttributes(LaminaPath path, boolean follow) {
    this.path = path;
    this.follow = follow;
  }

  private static Map<String, Function<LaminaFileAttributes, Object>> and(
      Map<String, Function<LaminaFileAttributes, Object>> some,
      Map<String, Function<LaminaFileAttributes, Object>> more) {
    Map<String, Function<LaminaFileAttributes, Object>> all = new TreeMap<>(some);
    all.putAll(more);
    return all;
  }

  /**
   * The part before the colon.
   *
   * @throws UnsupportedOperationException for a view that there is not
   */
  private static String view(String attribute) {
    int colon = attribute.indexOf(':');
    String view = colon < 0 ? "basic" : attribute.substring(0, colon);
    if (!SUPPORTED.contains(view)) {
      throw new UnsupportedOperationException("View '" + view + "' not available");
    }
    return view;
  }

  private static String afterView(String attribute) {
    return attribute.substring(attribute.indexOf(':') + 1);
  }

  private static IllegalArgumentException unknown(String attribute) {
    return new IllegalArgumentException("'" + attribute + "' not recognized");
  }

  Map<String, Object> read(String wanted) throws IOException {
    String view = view(wanted);
    List<String> names = List.of(afterView(wanted).split(",", -1));
    Map<String, Object> values = new LinkedHashMap<>();
    if (view.equals("user")) {
      UserXattrView xattrs = new UserXattrView(path, follow);
      for (String name : names.contains("*") ? xattrs.list() : names) {
        values.put(name, xattrs.value(name));
      }
      return values;
    }
    Map<String, Function<LaminaFileAttributes, Object>> known = VIEWS.get(view);
    for (String name : names) {
      if (!name.equals("*") && !known.containsKey(name)) {
        throw unknown(name);
      }
    }
    LaminaFileAttributes attributes = path.getFileSystem().attributes(path, follow);
    for (String name : names.contains("*") ? known.keySet() : names) {
      values.put(name, known.get(name).apply(attributes));
    }
    return values;
  }

  void set(String attribute, Object value) throws IOException {
    String view = view(attribute);
    String name = afterView(attribute);
    if (view.equals("user")) {
      ByteBuffer bytes =
          value instanceof byte[] array ? ByteBuffer.wrap(array) : (ByteBuffer) value;
      new UserXattrView(path, follow).write(name, bytes);
      return;
    }
    if (!VIEWS.get(view).containsKey(name)) {
      throw unknown(name);
    }
    Changes changes = path.getFileSystem().changes();
    switch (name) {
      case "creationTime" -> changes.setTimes(path, follow, null, null);
      case "lastAccessTime" -> changes.setTimes(path, follow, (FileTime) value, null);
      case "lastModifiedTime" -> changes.setTimes(path, follow, null, (FileTime) value);
      case "permissions" ->
          changes.setMode(path, follow, Permissions.toMode(Permissions.require(value)));
      case "owner" ->
          changes.setOwner(
              path, follow, Accounts.requireUser((UserPrincipal) value), WritableTree.KEEP);
      case "group" ->
          changes.setOwner(
              path, follow, WritableTree.KEEP, Accounts.requireGroup((GroupPrincipal) value));
      case "mode" -> changes.setMode(path, follow, (Integer) value);
      case "uid" -> changes.setOwner(path, follow, (Integer) value, WritableTree.KEEP);
      case "gid" -> changes.setOwner(path, follow, WritableTree.KEEP, (Integer) value);
      default -> throw unknown(name);
    }
  }
}
