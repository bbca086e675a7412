package dev.lamina.cli;

import dev.lamina.fixtures.mount.MountScratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A host as the documents speak of one: Lamina is in /opt/lamina and in PATH, /mnt and /srv are
 * there to be used. Scripts begin in a directory where ./lamina is. What they mount, start, and
 * write to /opt, /sbin and /usr/local/bin ends with them; the store stays.
 */
final class DocumentedHost {
  private static final String PREPARE =
      """
      for place in /opt /sbin /usr/local/bin; do
        place=$(readlink -f $place)
        own=$1/own$place
        mkdir -p $own/upper $own/work
        mount -t overlay overlay -o lowerdir=$place,upperdir=$own/upper,workdir=$own/work $place
      done
      ln -sfn $2 /opt/lamina
      mount --bind $1/srv /srv
      cd $1/here
      export PATH=$PATH:/opt/lamina LAMINA_ROOT=$1/state LAMINA_RUNTIME_DIR=$1/run SHELL=/bin/sh
      """;

  private final Path root;
  private final Path here;

  private DocumentedHost(Path root, Path here) {
    this.root = root;
    this.here = here;
  }

  static DocumentedHost in(MountScratch scratch) throws IOException {
    Path here = scratch.directory("here");
    for (String name : new String[] {"lamina", "fuse-lamina"}) {
      Files.createSymbolicLink(here.resolve(name), Launcher.CLONE.resolve(name));
    }
    scratch.directory("srv");
    return new DocumentedHost(scratch.root(), here);
  }

  /** Where scripts begin. */
  Path here() {
    return here;
  }

  /** What {@code lamina --root} would be. */
  Path state() {
    return root.resolve("state");
  }

  /** Runs a script of bash until something fails; its arguments are $1, $2 and so on. */
  CommandResult run(String script, Object... arguments) throws Exception {
    Object[] all = new Object[arguments.length + 4];
    all[0] = root;
    all[1] = Launcher.CLONE;
    all[2] = PREPARE + "script=$3\nshift 3\nexec bash -ec \"$script\" bash \"$@\"";
    all[3] = script;
    System.arraycopy(arguments, 0, all, 4, arguments.length);
    return Launcher.sh(
        "root=$1 clone=$2 prepare=$3; shift 3; exec unshare --mount --pid --fork --kill-child"
            + " --mount-proc sh -ec \"$prepare\" sh $root $clone \"$@\"",
        all);
  }
}
