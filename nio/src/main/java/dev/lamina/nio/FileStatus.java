package dev.lamina.nio;

import dev.lamina.linux.FileMode;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/**
 * What stat(2) tells of one object, at one moment.
 *
 * @param mode type and permissions
 * @param size bytes
 * @param device number of a device node
 * @param birth the modification time where none is kept
 */
record FileStatus(
    int mode,
    long dev,
    long ino,
    long device,
    int links,
    int uid,
    int gid,
    long size,
    FileTime access,
    FileTime modification,
    FileTime change,
    FileTime birth) {

  /** Tells two objects of one file system apart, whatever their names. */
  record Key(long dev, long ino) {}

  Key key() {
    return new Key(dev, ino);
  }

  boolean isDirectory() {
    return FileMode.isDirectory(mode);
  }

  boolean isRegular() {
    return FileMode.isRegular(mode);
  }

  boolean isSymlink() {
    return FileMode.isSymlink(mode);
  }

  int permissions() {
    return mode & FileMode.PERMISSIONS;
  }

  static FileTime time(long seconds, int nanos) {
    return FileTime.from(Instant.ofEpochSecond(seconds, nanos));
  }
}
