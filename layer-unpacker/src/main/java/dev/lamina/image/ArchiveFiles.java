package dev.lamina.image;

import com.google.common.io.Files;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/**
 * An image layout inside a tar archive, read where it lies: one pass over the headers finds every
 * file, and contents come straight from the archive. Nothing is extracted, so no path of the
 * archive ever meets the host's filesystem.
 *
 * <p>Entries may stand in any order. Symbolic and hard links among them are followed, as {@code
 * docker save} writes them for layers that images share.
 */
final class ArchiveFiles implements ImageFiles {
  /** 32,000 entries: far above any real image, which has a few files per layer. */
  private static final int HEADERS_LIMIT = 16 << 20;

  private static final int LINK_LIMIT = 40;

  private final Path archive;
  private final FileChannel channel;
  private final Map<String, Place> files;

  /** Where a file's bytes are, or (with {@code target}) which other file it stands for. */
  private record Place(long offset, long size, String target) {}

  private ArchiveFiles(Path archive, FileChannel channel, Map<String, Place> files) {
    this.archive = archive;
    this.channel = channel;
    this.files = files;
  }

  /** Opens and indexes an archive. */
  static ArchiveFiles open(Path archive) throws IOException {
    FileChannel channel = FileChannel.open(archive, StandardOpenOption.READ);
    try {
      return new ArchiveFiles(archive, channel, index(archive, channel));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static Map<String, Place> index(Path archive, FileChannel channel) throws IOException {
    ImageException tooMuch =
        new ImageException(
            ImageException.Kind.LIMIT,
            archive + " has more than " + HEADERS_LIMIT + " bytes of headers: no image archive");
    Map<String, Place> files = new HashMap<>();
    // Not closed: the channel is the caller's.
    for (TarArchiveEntry entry : entries(archive, channel, tooMuch)) {
      String name = normalize(entry.getName());
      if (entry.isSymbolicLink()) {
        files.put(name, new Place(0, 0, relativeTo(name, entry.getLinkName())));
      } else if (entry.isLink()) {
        files.put(name, new Place(0, 0, normalize(entry.getLinkName())));
      } else if (entry.isFile() && !entry.isSparse()) {
        long offset = entry.getDataOffset();
        if (offset + entry.getSize() > channel.size()) {
          throw truncated(archive, name);
        }
        files.put(name, new Place(offset, entry.getSize(), null));
      }
    }
    return files;
  }

  @SuppressWarnings("resource") // The channel is the caller's.
  private static List<TarArchiveEntry> entries(
      Path archive, FileChannel channel, ImageException tooMuch) throws IOException {
    try {
      MeteredChannel metered = new MeteredChannel(channel, HEADERS_LIMIT, tooMuch);
      return new TarFile(metered).getEntries();
    } catch (ImageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Commons Compress reports some broken headers with unchecked exceptions.
      throw new ImageException(
          ImageException.Kind.MALFORMED, archive + " is not a readable tar archive", e);
    }
  }

  private static ImageException truncated(Path archive, String name) {
    return new ImageException(
        ImageException.Kind.MALFORMED,
        archive + " is truncated: it ends inside " + Json.printable(name));
  }

  private static String normalize(String path) {
    String simple = Files.simplifyPath(path);
    return simple.startsWith("/") ? simple.substring(1) : simple;
  }

  private static String relativeTo(String link, String target) {
    if (target.startsWith("/")) {
      return normalize(target);
    }
    return normalize(link.substring(0, link.lastIndexOf('/') + 1) + target);
  }

  private Place find(String path) throws ImageException {
    Place place = files.get(normalize(path));
    for (int hops = 0; place != null && place.target != null; hops++) {
      if (hops == LINK_LIMIT) {
        throw new ImageException(
            ImageException.Kind.REFUSED,
            name() + ": " + Json.printable(path) + " is a loop of links");
      }
      place = files.get(place.target);
    }
    return place;
  }

  @Override
  public long size(String path) throws IOException {
    Place place = find(path);
    return place == null ? -1 : place.size;
  }

  @Override
  public InputStream open(String path) throws IOException {
    Place place = find(path);
    if (place == null) {
      throw new ImageException(
          ImageException.Kind.NOT_FOUND, name() + ": " + Json.printable(path) + " is missing");
    }
    return new BufferedInputStream(new ChannelSlice(channel, place.offset, place.size), 1 << 16);
  }

  @Override
  public String name() {
    return archive.toString();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
