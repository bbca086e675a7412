package dev.lamina.docs;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the documents show but Java (which {@code TutorialTest} and {@code ExamplesTest} run) and
 * single commands of Lamina (which {@code DocumentedCommandsTest} reads): blocks, and commands of
 * other programs within lines. The tests that name one here run it as it stands there; what none of
 * them can run has its reason. {@code SnippetsTest} finds what is missing here.
 */
public enum Snippet {
  // Of README.md.
  DEMO("README.md", "./lamina demo"),
  SESSION("README.md", "$ ./lamina unpack oci:debian-layout:v1"),

  // Of docs/cli.md.
  BUNDLE("docs/cli.md", "lamina bundle --name web IMAGE DIR && runc run"),
  ROOT_OF_A_NAMESPACE("docs/cli.md", "unshare --user --map-root-user --map-auto --mount sh"),
  MAPPED_OWNERS("docs/cli.md", "M=0:$(id -u):1:1:100000:65535"),
  PROMETHEUS("docs/cli.md", "lamina stats --format prometheus >x.prom.new && mv"),
  LOG_LINE("docs/cli.md", "2026-01-31T12:00:00.123Z /mnt: lamina: debug: LOOKUP"),

  // Of docs/runtimes.md.
  STORAGE_CONF("docs/runtimes.md", "[storage]\n"),
  HELPER_LINKS("docs/runtimes.md", "ln -s /opt/lamina/fuse-lamina /sbin/mount.fuse3.fuse-lamina"),
  MOUNT_BY_PROGRAM("docs/runtimes.md", "mount -t fuse3.fuse-lamina overlay MNT -o lowerdir=..."),
  MOUNT_BY_TYPE("docs/runtimes.md", "mount -t lamina"),
  MOUNT_BY_NAME("docs/runtimes.md", "mount -t fuse.fuse-lamina"),
  REMOUNT("docs/runtimes.md", "mount -o remount,ro MNT"),
  FSTAB("docs/runtimes.md", "overlay /srv/merged lamina lowerdir=/srv/b:/srv/a"),
  SNAPSHOTTER_UNIT("docs/runtimes.md", "[Unit]\nDescription=Lamina snapshotter"),
  DAEMON_UNIT("docs/runtimes.md", "[Unit]\nDescription=Lamina mounts"),
  PROXY_PLUGIN("docs/runtimes.md", "[proxy_plugins.lamina]\n  type = \"snapshot\""),
  CTR_RUN("docs/runtimes.md", "ctr run --snapshotter lamina"),
  CTR_WITH_OWNERS("docs/runtimes.md", "ctr run --uidmap 0:100000:65536"),
  SNAPSHOT_TABLE("docs/runtimes.md", "sqlite3 metadata.sqlite 'select * from snapshot'"),
  KUBERNETES_SNAPSHOTTER("docs/runtimes.md", "# containerd 1.6 and 1.7\n"),
  KUBERNETES_EXPORTS("docs/runtimes.md", "[proxy_plugins.lamina.exports]"),
  KUBERNETES_CAPABILITIES("docs/runtimes.md", "[proxy_plugins.lamina]\n  capabilities"),

  // Of docs/operations.md.
  BACKUP_BY_RSYNC("docs/operations.md", "rsync -aHAX --numeric-ids"),
  BACKUP_BY_TAR("docs/operations.md", "tar --xattrs --xattrs-include='*' --numeric-owner"),
  VOLATILE_MARK("", "rm -r WORK/work/incompat/volatile"),
  ABORT("docs/operations.md", "echo 1 >/sys/fs/fuse/connections/N/abort"),

  // Of docs/on-disk.md.
  STORE_TREE("docs/on-disk.md", "store.json "),
  CONTAINER_TREE("docs/on-disk.md", "containers/NAME/"),
  SNAPSHOTTER_TREE("docs/on-disk.md", "metadata.sqlite "),

  // Not run.
  MAVEN("", "mvn ", "a build in the tests of a build; SnippetsTest looks at its words"),
  APT("", "apt-get ", "changes the host; PackagesIT of dist unpacks the package instead"),
  SYSTEMCTL("", "systemctl ", "changes the host; DocsIT has the units verified"),
  JOURNALCTL("", "journalctl ", "needs a service manager that runs"),
  PODMAN_TIMES("docs/runtimes.md", "benchmarks/src/main/scripts/podman.sh", "measures for long"),
  ZSH("docs/operations.md", "autoload -U bashcompinit", "zsh; ManualTest has bash complete"),
  CTR_PULL("docs/runtimes.md", "ctr image pull", "a network; SnapshotterIT imports the image"),
  NERDCTL("docs/runtimes.md", "nerdctl --snapshotter lamina", "no package of Debian 12"),
  CRICTL("docs/runtimes.md", "crictl rmi --prune", "no package of Debian 12"),
  CRI_O("docs/runtimes.md", "[crio]", "no package of Debian 12, and the text says \"not tried\""),
  KERNEL_OVERLAYFS("docs/semantics.md", "mount -t overlay", "names a way to mount, not a command"),
  PICTURE("docs/architecture.md", "                 programs on the host", "a drawing");

  /** Programs whose commands within lines count, where they have arguments to speak of. */
  private static final List<String> PROGRAMS =
      List.of(
          ("apt-get autoload crictl ctr echo journalctl mount mvn nerdctl rm rsync sqlite3"
                  + " systemctl tar umount unshare")
              .split(" ", -1));

  private static final int WORDS = 3;

  private final String page;
  private final String beginning;
  private final Optional<String> whyNotRun;

  /**
   * @param page its path; empty for any
   * @param beginning of what stands there
   */
  Snippet(String page, String beginning) {
    this(page, beginning, null);
  }

  Snippet(String page, String beginning, String whyNotRun) {
    this.page = page;
    this.beginning = beginning;
    this.whyNotRun = Optional.ofNullable(whyNotRun);
  }

  /** The block or command as it stands in its page. */
  public String text() {
    return found().get(0).text().stripTrailing();
  }

  /** The value of a line {@code KEY=VALUE}, as units have them. */
  public String value(String key) {
    return text()
        .lines()
        .filter(line -> line.startsWith(key + "="))
        .map(line -> line.substring(key.length() + 1))
        .findFirst()
        .orElseThrow();
  }

  Optional<String> whyNotRun() {
    return whyNotRun;
  }

  boolean is(Document.Piece piece) {
    return (page.isEmpty() || piece.page().equals(page)) && piece.text().startsWith(beginning);
  }

  /** All that this is; there is more than one where it is of any page. */
  List<Document.Piece> found() {
    List<Document.Piece> found = all().filter(this::is).toList();
    if (found.isEmpty()) {
      throw new AssertionError(name() + " is no longer in " + page + ": " + beginning);
    }
    return found;
  }

  /** All blocks but Java, and commands of other programs, alone or together with ours. */
  public static Stream<Document.Piece> all() {
    return Stream.concat(
        Document.allBlocks().stream().filter(block -> !block.language().equals("java")),
        Document.allCodes().stream()
            .filter(code -> isCommandOfAnother(code) || code.text().contains(" && ")));
  }

  /** Whether a piece of a line is a command of another program than Lamina. */
  public static boolean isCommandOfAnother(Document.Piece code) {
    String[] words = code.text().split(" ", -1);
    return words.length >= WORDS && (PROGRAMS.contains(words[0]) || words[0].endsWith(".sh"));
  }
}
