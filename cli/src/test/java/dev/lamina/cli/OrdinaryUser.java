package dev.lamina.cli;

import dev.lamina.fixtures.mount.MountScratch;
import java.nio.file.Path;

/**
 * Somebody who is not root, with a home directory, and a clone of this project that somebody else
 * has built and that he cannot write.
 */
final class OrdinaryUser {
  static final int UID = 65534;

  /**
   * The device, open to all as udev has it on most hosts, and subordinate ids as he would have had
   * when he was added, in a mount namespace of its own that has no mounts of others.
   */
  private static final String WITH_OPEN_DEVICE =
      """
      mount --make-rprivate /
      findmnt -rn -t fuse.lamina -o TARGET | while read -r place; do umount -l "$place"; done
      mount -t tmpfs tmpfs "$1"
      mknod -m 666 "$1/fuse" c 10 229
      mount --bind "$1/fuse" /dev/fuse
      echo %1$d:100000:65536 >"$1/subid"
      for file in /etc/subuid /etc/subgid; do
        [ ! -e $file ] || mount --bind "$1/subid" $file
      done
      cd "$2"
      shift 2
      exec setpriv --reuid %1$d --regid %1$d --clear-groups sh -ec "$@"
      """
          .formatted(UID);

  private final MountScratch scratch;
  private final Path clone;
  private final Path home;

  private OrdinaryUser(MountScratch scratch, Path clone, Path home) {
    this.scratch = scratch;
    this.clone = clone;
    this.home = home;
  }

  static OrdinaryUser in(MountScratch scratch) throws Exception {
    Path clone = scratch.directory("clone");
    Launcher.sh(
            "cd $1; mkdir -p $2/cli/target $2/cli/src/main; cp lamina fuse-lamina $2;"
                + " cp -r cli/target/lamina $2/cli/target; cp -r cli/src/main/launcher"
                + " $2/cli/src/main; chmod -R go=u-w $2",
            Launcher.CLONE,
            clone)
        .succeeds();
    OrdinaryUser user = new OrdinaryUser(scratch, clone, scratch.directory("home"));
    user.own("home");
    return user;
  }

  Path home() {
    return home;
  }

  /** A directory of the scratch that belongs to him. */
  Path own(String name) throws Exception {
    Path directory = scratch.directory(name);
    Launcher.sh("chown $2 $1", directory, UID + ":" + UID).succeeds();
    return directory;
  }

  /** Launchers that he runs, on a state directory that belongs to him. */
  Launcher launcher(StateDirectory state) {
    return state
        .launcher()
        .in(clone)
        .through("setpriv", "--reuid", UID, "--regid", UID, "--clear-groups", "--no-new-privs");
  }

  /**
   * Runs a shell script as him, with the launchers in PATH and FUSE at hand. Its mounts and
   * processes are in namespaces of their own and end with it.
   */
  CommandResult sh(String script, Object... arguments) throws Exception {
    Object[] all = new Object[arguments.length + 5];
    all[0] = WITH_OPEN_DEVICE;
    all[1] = scratch.directory("dev");
    all[2] = home;
    all[3] =
        "PATH="
            + clone
            + ":$PATH HOME=$PWD XDG_DATA_HOME=$PWD; export PATH HOME XDG_DATA_HOME;"
            + script;
    all[4] = "sh";
    System.arraycopy(arguments, 0, all, 5, arguments.length);
    return Launcher.sh(
        "script=$1; shift; exec unshare --mount --pid --fork --mount-proc sh -ec \"$script\" sh \"$@\"",
        all);
  }

  /** Whether he may make user namespaces, which some hosts forbid. */
  boolean hasUserNamespaces() throws Exception {
    return sh("unshare --user --map-root-user true").status() == 0;
  }
}
