package dev.lamina.cli;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * A named writable layer, or a named read-only mount, as {@code container.json} keeps it.
 *
 * @param name as the user knows it
 * @param image id of the image it stands on
 * @param readOnly whether it has no writable layer
 * @param ownersRecorded whether its writable layer has owners and modes in xattrs
 * @param created RFC 3339 time
 * @param mountPoint where it is mounted, or was when its server died; null when it is not
 * @param server process id of the server; 0 when it is not mounted
 * @param shared whether that process serves other mounts too, and does not end with this one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
record Container(
    String name,
    String image,
    boolean readOnly,
    boolean ownersRecorded,
    String created,
    String mountPoint,
    long server,
    boolean shared) {
  /** What the mount table says is mounted, where it is. */
  String mountSource() {
    return "lamina:" + name;
  }

  Container mountedOn(String directory, long pid, boolean byDaemon) {
    return new Container(name, image, readOnly, ownersRecorded, created, directory, pid, byDaemon);
  }

  Container unmounted() {
    return new Container(name, image, readOnly, ownersRecorded, created, null, 0, false);
  }
}
