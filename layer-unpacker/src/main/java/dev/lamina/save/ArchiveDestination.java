package dev.lamina.save;

import dev.lamina.layer.tar.TarEntry;
import dev.lamina.layer.tar.TarType;
import dev.lamina.layer.tar.TarWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** A new tar archive; equal files give equal bytes. */
final class ArchiveDestination implements Destination {
  private final TarWriter tar;
  private final Set<String> written = new HashSet<>();

  /** Writes to {@code out}, which should be buffered and is closed with this. */
  ArchiveDestination(OutputStream out) {
    this.tar = new TarWriter(out);
  }

  @Override
  public boolean has(String path, long size) {
    return written.contains(path);
  }

  @Override
  public Optional<byte[]> read(String path) {
    return Optional.empty();
  }

  @Override
  public void put(String path, long size, InputStream content) throws IOException {
    TarEntry entry = new TarEntry(TarType.REGULAR, path.getBytes(StandardCharsets.UTF_8));
    tar.put(entry.mode(0644).size(size), content);
    written.add(path);
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
