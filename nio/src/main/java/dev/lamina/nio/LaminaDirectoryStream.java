package dev.lamina.nio;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.ErrnoException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Names of a directory, fetched some at a time; holds the directory until it is closed. An entry
 * that is there all the while comes once, whatever else comes and goes.
 */
final class LaminaDirectoryStream implements DirectoryStream<Path> {
  private final LaminaPath directory;
  private final LaminaFileSystem fileSystem;
  private final Tree tree;
  private final long node;
  private final Filter<? super Path> filter;

  @GuardedBy("this")
  private boolean closed;

  @GuardedBy("this")
  private boolean iterated;

  /** Takes over a lookup of {@code node}. */
  LaminaDirectoryStream(LaminaPath directory, long node, Filter<? super Path> filter) {
    this.directory = directory;
    this.fileSystem = directory.getFileSystem();
    this.tree = fileSystem.tree();
    this.node = node;
    this.filter = filter;
    fileSystem.opened(this);
  }

  @Override
  public synchronized Iterator<Path> iterator() {
    if (closed) {
      throw new IllegalStateException("Directory stream is closed");
    }
    if (iterated) {
      throw new IllegalStateException("Iterator already obtained");
    }
    iterated = true;
    return new Entries();
  }

  /** The next names; null at the end, which is also where the stream is closed. */
  private synchronized List<byte[]> fetch(Entries entries) throws IOException {
    if (closed || entries.offset == Tree.END) {
      return null;
    }
    try {
      List<byte[]> names = new ArrayList<>();
      entries.offset = tree.list(node, entries.offset, names);
      return names;
    } catch (ErrnoException e) {
      throw Failures.of(e, directory, null);
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      tree.forget(node);
    }
    fileSystem.closed(this);
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private final class Entries implements Iterator<Path> {
    private long offset;
    private List<byte[]> names = List.of();
    private int at;
    private Path next;

    @Override
    public synchronized boolean hasNext() {
      try {
        while (next == null) {
          if (at == names.size()) {
            names = fetch(this);
            at = 0;
            if (names == null) {
              names = List.of();
              return false;
            }
          } else if (isClosed()) {
            return false;
          } else {
            Path entry = directory.entry(names.get(at++));
            next = filter.accept(entry) ? entry : null;
          }
        }
        return true;
      } catch (IOException e) {
        throw new DirectoryIteratorException(e);
      }
    }

    @Override
    public synchronized Path next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Path entry = next;
      next = null;
      return entry;
    }
  }
}
