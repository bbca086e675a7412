package dev.lamina.layer;

import dev.lamina.linux.Stat;
import java.util.HashMap;
import java.util.Map;

/**
 * Checksums of files' contents, computed when they were written, so that {@link TreeDigest} does
 * not read them again. Of at most {@value #LIMIT} files, some 7 MB; the others are read. For one
 * thread.
 */
final class ContentChecksums {
  private static final int LIMIT = 1 << 16;

  private record Content(long size, long checksum) {}

  private Map<Long, Content> byInode = new HashMap<>();

  void put(Stat file, long checksum) {
    if (byInode.size() < LIMIT) {
      byInode.put(file.ino, new Content(file.size, checksum));
    }
  }

  /** To be called before a file may be deleted: its inode number may then be another one's. */
  void forgetAll() {
    // Clearing takes as long as the table is large, and an archive can have it done a million
    // times.
    byInode = new HashMap<>();
  }

  /** CRC-32C of the content of {@code file}; -1 where it is not known. */
  long find(Stat file) {
    Content content = byInode.get(file.ino);
    return content == null || content.size != file.size ? -1 : content.checksum;
  }
}
