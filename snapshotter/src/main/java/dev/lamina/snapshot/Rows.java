package dev.lamina.snapshot;

import com.google.common.collect.ImmutableMap;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads and writes rows of the tables, within a transaction of {@link Metadata}. */
final class Rows {
  private static final String ROWS =
      "SELECT s.id, s.key, p.key AS parent, s.kind, s.created, s.updated, s.size, s.inodes"
          + " FROM snapshot s LEFT JOIN snapshot p ON p.id = s.parent";

  private static final String CHAIN =
      "WITH RECURSIVE chain (id, parent, depth) AS ("
          + "SELECT id, parent, 0 FROM snapshot WHERE id = ?"
          + " UNION ALL SELECT s.id, s.parent, c.depth + 1"
          + " FROM snapshot s JOIN chain c ON s.id = c.parent)"
          + " SELECT id FROM chain WHERE depth > 0 ORDER BY depth";

  private static final long NANOS = 1_000_000_000;

  private Rows() {}

  /** All, by key. */
  static List<Row> all(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement(ROWS + " ORDER BY s.key COLLATE BINARY");
        ResultSet result = select.executeQuery()) {
      List<Row> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(row(connection, result));
      }
      return rows;
    }
  }

  /**
   * The snapshot of that key.
   *
   * @throws SnapshotException where there is none
   */
  static Row require(Connection connection, String key) throws SQLException, SnapshotException {
    Row row = find(connection, key);
    if (row == null) {
      throw SnapshotException.notFound("snapshot " + key);
    }
    return row;
  }

  /** Null where there is none. */
  static Row find(Connection connection, String key) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(ROWS + " WHERE s.key = ?")) {
      select.setString(1, key);
      try (ResultSet result = select.executeQuery()) {
        return result.next() ? row(connection, result) : null;
      }
    }
  }

  private static Row row(Connection connection, ResultSet result) throws SQLException {
    long id = result.getLong("id");
    String parent = result.getString("parent");
    SnapshotInfo info =
        new SnapshotInfo(
            result.getString("key"),
            parent == null ? "" : parent,
            Kind.of(result.getString("kind")),
            instant(result.getLong("created")),
            instant(result.getLong("updated")),
            labels(connection, id));
    return new Row(id, info, new Usage(result.getLong("size"), result.getLong("inodes")));
  }

  private static ImmutableMap<String, String> labels(Connection connection, long id)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT name, value FROM label WHERE snapshot = ? ORDER BY name")) {
      select.setLong(1, id);
      ImmutableMap.Builder<String, String> labels = ImmutableMap.builder();
      try (ResultSet result = select.executeQuery()) {
        while (result.next()) {
          labels.put(result.getString(1), result.getString(2));
        }
      }
      return labels.buildOrThrow();
    }
  }

  /** Replaces all labels. */
  static void putLabels(Connection connection, long id, Map<String, String> labels)
      throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM label WHERE snapshot = ?")) {
      delete.setLong(1, id);
      delete.executeUpdate();
    }
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO label (snapshot, name, value) VALUES (?, ?, ?)")) {
      for (Map.Entry<String, String> label : labels.entrySet()) {
        insert.setLong(1, id);
        insert.setString(2, label.getKey());
        insert.setString(3, label.getValue());
        insert.executeUpdate();
      }
    }
  }

  /** Ids of all that a snapshot stands on, its parent first. */
  static List<Long> chain(Connection connection, long id) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(CHAIN)) {
      select.setLong(1, id);
      List<Long> parents = new ArrayList<>();
      try (ResultSet result = select.executeQuery()) {
        while (result.next()) {
          parents.add(result.getLong(1));
        }
      }
      return parents;
    }
  }

  /** As times are recorded: nanoseconds since the epoch. */
  static long nanos(Instant time) {
    return Math.addExact(Math.multiplyExact(time.getEpochSecond(), NANOS), time.getNano());
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS));
  }
}
