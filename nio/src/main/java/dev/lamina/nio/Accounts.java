package dev.lamina.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.ProviderMismatchException;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.HashMap;
import java.util.Map;

/**
 * Users and groups by name, as the tree's own {@code /etc/passwd} and {@code /etc/group} have them:
 * the host's names mean nothing in an image. Whoever has no name there goes by the number. The
 * files are read again when they changed.
 */
final class Accounts extends UserPrincipalLookupService {
  /** More than this of an account file is not read. */
  private static final int MAX_BYTES = 1 << 20;

  /** A user, who is equal to any other with that number. */
  record User(int id, String name) implements UserPrincipal {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof User that && that.id == id;
    }

    @Override
    public int hashCode() {
      return id;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** A group, which is equal to any other with that number. */
  record Group(int id, String name) implements GroupPrincipal {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Group that && that.id == id;
    }

    @Override
    public int hashCode() {
      return ~id;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** What a file held when it was {@code status}. */
  private record Table(FileStatus status, Map<Integer, String> names, Map<String, Integer> ids) {
    static final Table EMPTY = new Table(null, Map.of(), Map.of());

    static Table parse(FileStatus status, String text) {
      Map<Integer, String> names = new HashMap<>();
      Map<String, Integer> ids = new HashMap<>();
      for (String line : text.split("\n", -1)) {
        String[] fields = line.split(":", 4);
        if (fields.length >= 3 && !fields[0].isEmpty() && isId(fields[2])) {
          int id = Integer.parseUnsignedInt(fields[2]);
          names.putIfAbsent(id, fields[0]);
          ids.putIfAbsent(fields[0], id);
        }
      }
      return new Table(status, names, ids);
    }
  }

  /** One of the two files. */
  private final class AccountFile {
    private final byte[] path;
    private volatile Table known = Table.EMPTY;

    AccountFile(String path) {
      this.path = path.getBytes(StandardCharsets.UTF_8);
    }

    Table table() {
      try (Place place = new Walk(tree).place(path, true)) {
        if (!place.exists() || !place.status().isRegular()) {
          return Table.EMPTY;
        }
        Table table = known;
        if (!isCurrent(table, place.status())) {
          table = Table.parse(place.status(), read(place.node()));
          known = table;
        }
        return table;
      } catch (IOException e) {
        // An image may have none, or one that cannot be read: numbers are names then.
        return Table.EMPTY;
      }
    }

    private boolean isCurrent(Table table, FileStatus now) {
      return table.status() != null
          && table.status().key().equals(now.key())
          && table.status().change().equals(now.change())
          && table.status().size() == now.size();
    }

    private String read(long node) throws IOException {
      Content content = tree.open(node, OpenRequest.reading());
      try {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(content.size(), MAX_BYTES));
        int got = content.read(bytes, 0);
        return new String(bytes.array(), 0, got, StandardCharsets.UTF_8);
      } finally {
        content.close();
      }
    }
  }

  private final Tree tree;
  private final LaminaFileSystem fileSystem;
  private final AccountFile passwd;
  private final AccountFile groups;

  Accounts(LaminaFileSystem fileSystem) {
    this.fileSystem = fileSystem;
    this.tree = fileSystem.tree();
    this.passwd = new AccountFile("/etc/passwd");
    this.groups = new AccountFile("/etc/group");
  }

  private static boolean isId(String text) {
    try {
      return Integer.parseUnsignedInt(text) != WritableTree.KEEP;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private Table table(AccountFile file) {
    try {
      return fileSystem.inside(null, null, file::table);
    } catch (IOException e) {
      return Table.EMPTY;
    }
  }

  private static String name(Table table, int id) {
    String name = table.names().get(id);
    return name == null ? Integer.toUnsignedString(id) : name;
  }

  User user(int uid) {
    return new User(uid, name(table(passwd), uid));
  }

  Group group(int gid) {
    return new Group(gid, name(table(groups), gid));
  }

  private static int id(Table table, String name) throws UserPrincipalNotFoundException {
    Integer id = table.ids().get(name);
    if (id != null) {
      return id;
    }
    if (!isId(name)) {
      throw new UserPrincipalNotFoundException(name);
    }
    return Integer.parseUnsignedInt(name);
  }

  @Override
  public UserPrincipal lookupPrincipalByName(String name) throws IOException {
    return user(id(table(passwd), name));
  }

  @Override
  public GroupPrincipal lookupPrincipalByGroupName(String name) throws IOException {
    return group(id(table(groups), name));
  }

  /** Number of a user of this provider; ProviderMismatchException for another's. */
  static int requireUser(UserPrincipal owner) throws IOException {
    if (owner instanceof User user) {
      return user.id();
    }
    if (owner instanceof Group) {
      throw new IOException("'owner' parameter can't be a group");
    }
    throw foreign(owner);
  }

  /** Number of a group of this provider; ProviderMismatchException for another's. */
  static int requireGroup(GroupPrincipal group) {
    if (group instanceof Group known) {
      return known.id();
    }
    throw foreign(group);
  }

  private static RuntimeException foreign(UserPrincipal principal) {
    return principal == null
        ? new NullPointerException("principal")
        : new ProviderMismatchException();
  }
}
