package dev.lamina.snapshot;

import com.google.common.collect.ImmutableMap;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which snapshots there are: keys, parents, kinds, labels. Each call is one transaction, and knows
 * nothing of directories. Thread-safe.
 */
final class Metadata implements Closeable {
  /**
   * A snapshot and all that it stands on.
   *
   * @param parents ids, the nearest first
   */
  record Stack(Row row, List<Long> parents) {}

  /** Looks at what is about to be recorded. */
  interface Check {
    void of(Stack stack) throws SnapshotException;
  }

  private final Database database;

  private Metadata(Database database) {
    this.database = database;
  }

  static Metadata open(Path file) throws IOException {
    return new Metadata(Database.open(file));
  }

  /** The snapshot of that key or name, as it is now. */
  Row get(String key) throws SnapshotException, IOException {
    return database.transact(connection -> Rows.require(connection, key));
  }

  /** The same with its parents. */
  Stack stack(String key) throws SnapshotException, IOException {
    return database.transact(
        connection -> {
          Row row = Rows.require(connection, key);
          return new Stack(row, Rows.chain(connection, row.id()));
        });
  }

  /** All, by key. */
  List<Row> all() throws SnapshotException, IOException {
    return database.transact(Rows::all);
  }

  /** Ids of all. */
  Set<Long> ids() throws SnapshotException, IOException {
    return database.transact(
        connection -> {
          try (PreparedStatement select = connection.prepareStatement("SELECT id FROM snapshot");
              ResultSet result = select.executeQuery()) {
            Set<Long> ids = new HashSet<>();
            while (result.next()) {
              ids.add(result.getLong(1));
            }
            return ids;
          }
        });
  }

  /**
   * Refuses what {@link #create} would refuse.
   *
   * @return the parent
   */
  Optional<Row> checkNew(String key, String parent) throws SnapshotException, IOException {
    return database.transact(connection -> checkNew(connection, key, parent));
  }

  private static Optional<Row> checkNew(Connection connection, String key, String parent)
      throws SQLException, SnapshotException {
    if (key.isEmpty()) {
      throw SnapshotException.invalid("a snapshot needs a key");
    }
    Row found = parent.isEmpty() ? null : Rows.find(connection, parent);
    if (found == null && !parent.isEmpty()) {
      throw SnapshotException.notFound("parent snapshot " + parent);
    }
    if (found != null && found.info().kind() != Kind.COMMITTED) {
      throw SnapshotException.invalid(
          "parent snapshot " + parent + " is not a committed one: " + found.info().kind().text());
    }
    if (Rows.find(connection, key) != null) {
      throw SnapshotException.alreadyExists(key);
    }
    return Optional.ofNullable(found);
  }

  /**
   * Records a new active snapshot or view.
   *
   * @param id of its own
   * @param parent empty for none
   * @param check may refuse it
   */
  Stack create(
      long id,
      Kind kind,
      String key,
      String parent,
      ImmutableMap<String, String> labels,
      Instant now,
      Check check)
      throws SnapshotException, IOException {
    return database.transact(
        connection -> {
          Long under = checkNew(connection, key, parent).map(Row::id).orElse(null);
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO snapshot (id, key, parent, kind, created, updated)"
                      + " VALUES (?, ?, ?, ?, ?, ?)")) {
            insert.setLong(1, id);
            insert.setString(2, key);
            insert.setObject(3, under);
            insert.setString(4, kind.text());
            insert.setLong(5, Rows.nanos(now));
            insert.setLong(6, Rows.nanos(now));
            insert.executeUpdate();
          }
          Rows.putLabels(connection, id, labels);
          Stack stack = new Stack(Rows.require(connection, key), Rows.chain(connection, id));
          check.of(stack);
          return stack;
        });
  }

  /**
   * Makes an active snapshot a committed one.
   *
   * @param id of the snapshot that the usage was measured of
   */
  void commit(
      String name,
      String key,
      long id,
      Usage usage,
      ImmutableMap<String, String> labels,
      Instant now)
      throws SnapshotException, IOException {
    database.transact(
        connection -> {
          checkCommit(connection, name, key, id);
          try (PreparedStatement update =
              connection.prepareStatement(
                  "UPDATE snapshot SET key = ?, kind = ?, created = ?, updated = ?, size = ?,"
                      + " inodes = ? WHERE id = ?")) {
            update.setString(1, name);
            update.setString(2, Kind.COMMITTED.text());
            update.setLong(3, Rows.nanos(now));
            update.setLong(4, Rows.nanos(now));
            update.setLong(5, usage.size());
            update.setLong(6, usage.inodes());
            update.setLong(7, id);
            update.executeUpdate();
          }
          Rows.putLabels(connection, id, labels);
          return null;
        });
  }

  /** Refuses what {@link #commit} would refuse; the active snapshot. */
  Stack checkCommit(String name, String key) throws SnapshotException, IOException {
    return database.transact(
        connection -> {
          Row row = checkCommit(connection, name, key);
          return new Stack(row, Rows.chain(connection, row.id()));
        });
  }

  private static Row checkCommit(Connection connection, String name, String key)
      throws SQLException, SnapshotException {
    if (name.isEmpty()) {
      throw SnapshotException.invalid("a committed snapshot needs a name");
    }
    if (Rows.find(connection, name) != null) {
      throw SnapshotException.alreadyExists(name);
    }
    return Rows.require(connection, key).requireActive();
  }

  private static void checkCommit(Connection connection, String name, String key, long id)
      throws SQLException, SnapshotException {
    if (checkCommit(connection, name, key).id() != id) {
      throw SnapshotException.precondition("snapshot " + key + " was replaced by another");
    }
  }

  /**
   * Forgets a snapshot without children.
   *
   * @return its id
   */
  long remove(String key) throws SnapshotException, IOException {
    return database.transact(
        connection -> {
          long id = Rows.require(connection, key).id();
          try (PreparedStatement children =
              connection.prepareStatement("SELECT key FROM snapshot WHERE parent = ? LIMIT 1")) {
            children.setLong(1, id);
            try (ResultSet child = children.executeQuery()) {
              if (child.next()) {
                throw SnapshotException.precondition(
                    "cannot remove snapshot " + key + ": it has a child, " + child.getString(1));
              }
            }
          }
          try (PreparedStatement delete =
              connection.prepareStatement("DELETE FROM snapshot WHERE id = ?")) {
            delete.setLong(1, id);
            delete.executeUpdate();
          }
          return id;
        });
  }

  /** Changes labels, see {@link Labels#updated}; the snapshot as it is then. */
  Row update(String key, Map<String, String> given, List<String> paths, Instant now)
      throws SnapshotException, IOException {
    return database.transact(
        connection -> {
          Row row = Rows.require(connection, key);
          Rows.putLabels(connection, row.id(), Labels.updated(row.info().labels(), given, paths));
          try (PreparedStatement update =
              connection.prepareStatement("UPDATE snapshot SET updated = ? WHERE id = ?")) {
            update.setLong(1, Rows.nanos(now));
            update.setLong(2, row.id());
            update.executeUpdate();
          }
          return Rows.require(connection, key);
        });
  }

  @Override
  public void close() throws IOException {
    database.close();
  }
}
