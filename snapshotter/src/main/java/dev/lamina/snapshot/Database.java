package dev.lamina.snapshot;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The SQLite database of a root, through one connection. Each {@link #transact} is one transaction:
 * all of it is on stable storage when the call returns, or nothing of it ever happened.
 * Thread-safe; one at a time.
 */
final class Database implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Database.class);

  /** In the file's header, so that file(1) and others know whose it is. */
  private static final int APPLICATION = 0x4c616d69;

  /** Of the tables. A later one is refused. */
  private static final int VERSION = 1;

  private static final int PATIENCE_MILLIS = 10_000;

  private static final String[] TABLES = {
    // A parent is referred to by id, which outlives the key of an active snapshot.
    """
    CREATE TABLE snapshot (
      id INTEGER PRIMARY KEY,
      key TEXT NOT NULL UNIQUE,
      parent INTEGER REFERENCES snapshot (id) ON DELETE RESTRICT,
      kind TEXT NOT NULL CHECK (kind IN ('view', 'active', 'committed')),
      created INTEGER NOT NULL,
      updated INTEGER NOT NULL,
      size INTEGER NOT NULL DEFAULT 0,
      inodes INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    "CREATE INDEX snapshot_by_parent ON snapshot (parent)",
    """
    CREATE TABLE label (
      snapshot INTEGER NOT NULL REFERENCES snapshot (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (snapshot, name)
    ) STRICT, WITHOUT ROWID
    """,
  };

  private final Connection connection;

  /** What a transaction does. */
  interface Work<T> {
    T run(Connection connection) throws SQLException, SnapshotException;
  }

  private Database(Connection connection) {
    this.connection = connection;
  }

  /** Opens the file, which is made with its tables where it is missing. */
  static Database open(Path file) throws IOException {
    SQLiteConfig config = new SQLiteConfig();
    // With the log, readers such as sqlite3(1) do not stop us, and a commit is one sync.
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.enforceForeignKeys(true);
    config.setBusyTimeout(PATIENCE_MILLIS);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    try {
      Database database = new Database(source.getConnection());
      try {
        database.begin(file);
        return database;
      } catch (SQLException | IOException e) {
        database.close();
        throw e;
      }
    } catch (SQLException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private void begin(Path file) throws SQLException, IOException {
    int version = pragma("user_version");
    if (version > VERSION) {
      throw new IOException(
          file + " was written by a later Lamina: version " + version + ", known is " + VERSION);
    }
    if (version < VERSION) {
      execute("BEGIN IMMEDIATE");
      for (String table : TABLES) {
        execute(table);
      }
      execute("PRAGMA application_id = " + APPLICATION);
      execute("PRAGMA user_version = " + VERSION);
      execute("COMMIT");
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private int pragma(String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("PRAGMA " + name)) {
      return result.getInt(1);
    }
  }

  /**
   * Runs {@code work} as one transaction, which comes to nothing when it throws.
   *
   * @throws IOException for what the disk or the database refuses
   */
  synchronized <T> T transact(Work<T> work) throws SnapshotException, IOException {
    boolean done = false;
    try {
      // By statements: JDBC's own transactions begin when the last one ends, and keep the lock.
      execute("BEGIN IMMEDIATE");
      T result = work.run(connection);
      execute("COMMIT");
      done = true;
      return result;
    } catch (SQLException e) {
      throw new IOException("snapshot metadata: " + e.getMessage(), e);
    } finally {
      if (!done) {
        rollBack();
      }
    }
  }

  /** What was not even begun has nothing to be taken back. */
  private void rollBack() {
    try {
      execute("ROLLBACK");
    } catch (SQLException e) {
      log.debug("no transaction to roll back: {}", e.getMessage());
    }
  }

  /** Idempotent. */
  @Override
  public synchronized void close() throws IOException {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IOException("snapshot metadata: " + e.getMessage(), e);
    }
  }
}
