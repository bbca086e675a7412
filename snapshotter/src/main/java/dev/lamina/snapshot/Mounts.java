package dev.lamina.snapshot;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** How snapshots are mounted: a bind of one directory where that shows all, else by Lamina. */
final class Mounts {
  private static final String BIND = "bind";

  /** What containerd calls the source of an overlay. */
  private static final String OVERLAY = "overlay";

  /** mount.fuse3 passes all options in one word to a shell, which takes 128 KiB (execve(2)). */
  private static final int MOST_CHARACTERS = 120 << 10;

  private final Directories directories;
  private final String type;
  private final ImmutableList<String> options;

  /**
   * Mounts of what is in {@code directories}.
   *
   * @param program what mount.fuse3 is to run: a name to be found in PATH, or an absolute path
   * @param options of each mount by it
   */
  Mounts(Directories directories, String program, ImmutableList<String> options) {
    this.directories = directories;
    this.type = "fuse3." + program;
    this.options = options;
  }

  /** The mounts of an active snapshot or a view. */
  ImmutableList<SnapshotMount> of(Metadata.Stack stack) throws SnapshotException {
    SnapshotInfo info = stack.row().requireMountable().info();
    long id = stack.row().id();
    List<Long> parents = stack.parents();
    IdMappings mappings = IdMappings.of(info.labels());
    boolean active = info.kind() == Kind.ACTIVE;
    if (mappings.isEmpty()) {
      if (parents.isEmpty()) {
        return bind(directories.upper(id), active);
      }
      if (!active && parents.size() == 1) {
        return bind(directories.upper(parents.get(0)), false);
      }
    }
    ImmutableList.Builder<String> all = ImmutableList.builder();
    // A layer is what is in its directory: names that only an index connects would not be in it.
    // And all in it was made through such a mount, so that .wh.NAME is a name like any other.
    all.add("index=off", "marks=kernel").addAll(options).addAll(mappings.options());
    if (active) {
      all.add("workdir=" + directories.work(id), "upperdir=" + directories.upper(id));
    } else {
      all.add("ro");
    }
    String lowers = lowers(parents).stream().map(Path::toString).collect(Collectors.joining(":"));
    if (lowers.length() > MOST_CHARACTERS) {
      throw SnapshotException.precondition(
          "snapshot "
              + info.name()
              + " stands on too many others to be mounted: "
              + parents.size());
    }
    all.add("lowerdir=" + lowers);
    return ImmutableList.of(new SnapshotMount(type, OVERLAY, all.build()));
  }

  /** The layers below a snapshot's own, the topmost first. */
  List<Path> lowers(List<Long> parents) {
    return parents.isEmpty()
        ? List.of(directories.empty())
        : parents.stream().map(directories::upper).toList();
  }

  private static ImmutableList<SnapshotMount> bind(Path directory, boolean writable) {
    return ImmutableList.of(
        new SnapshotMount(
            BIND, directory.toString(), ImmutableList.of(writable ? "rw" : "ro", "rbind")));
  }
}
