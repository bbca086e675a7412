package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.docs.DiskTree;
import dev.lamina.docs.Session;
import dev.lamina.docs.Snippet;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresDocumentedPrograms;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the documents show, run as it stands there. Other tests that run something of them take it
 * from there as well: {@link Snippet} knows which.
 */
@RequiresDocumentedPrograms
final class DocsIT extends EndToEnd {
  /** In the place of Debian's: what they do with a package is all that matters here. */
  private static final String APT_GET =
      "#!/bin/sh\n[ \"$1 $2\" = 'install ./tree.deb' ] && cp ./tree.deb /usr/bin/tree\n";

  private static final String DPKG = "#!/bin/sh\n[ \"$1\" = -i ] && cp \"$2\" /usr/bin/some\n";

  private DocumentedHost host;

  @BeforeEach
  void makeHost(MountScratch scratch) throws Exception {
    host = DocumentedHost.in(scratch);
  }

  /** An image in which a shell runs, as a layout of that name in the directory. */
  private static Path image(Path directory, String name, String tag) throws Exception {
    Path scratch = Files.createDirectory(directory.resolve("made"));
    HostImage.build(
        scratch,
        new TarLayer()
            .file("usr/bin/apt-get", 0755, APT_GET.getBytes(StandardCharsets.UTF_8))
            .file("usr/bin/dpkg", 0755, DPKG.getBytes(StandardCharsets.UTF_8))
            .file("tree.deb", "a package\n")
            .file("tmp/some.deb", "another\n"));
    Path layout = Files.move(scratch.resolve("image"), directory.resolve(name));
    Launcher.sh("sed -i 's/\"demo\"/\"'$2'\"/' $1/index.json", layout, tag).succeeds();
    return layout;
  }

  @Test
  void sessionOfTheReadme_showsWhatItSays() throws Exception {
    image(host.here(), "debian-layout", "v1");
    Session session = Session.of(Snippet.SESSION);
    session.assertShown(host.run(session.script()).succeeds().out());
  }

  @Test
  void bundle_isRunByRunc() throws Exception {
    image(host.here(), "IMAGE", "v1");
    String left = "\necho left: $(lamina ps -q) $(ls DIR/rootfs)";
    CommandResult result = host.run(Snippet.BUNDLE.text() + left).succeeds();
    assertThat(result.out()).as("what bundle and rm print").isEqualTo("web\nweb\nleft:\n");
    assertThat(result.err()).doesNotContain("level=error");
  }

  @Test
  void ordinaryUser_changesWhatIsRoots_inBothWays(MountScratch scratch) throws Exception {
    OrdinaryUser user = OrdinaryUser.in(scratch);
    assumeTrue(user.hasUserNamespaces(), "user namespaces are not for ordinary users here");
    Path home = user.home();
    image(home, "IMAGE", "v1");
    user.own("home/DIR");
    // As if typed; what comes next goes to the shell that the last line starts, if it starts one.
    String next = "\nif test -e usr; then touch usr/made; fi\n";
    Path root = Files.writeString(home.resolve("r"), Snippet.ROOT_OF_A_NAMESPACE.text() + next);
    Path mapped = Files.writeString(home.resolve("m"), Snippet.MAPPED_OWNERS.text() + next);
    CommandResult result =
        user.sh(
            """
            export SHELL=/bin/sh
            for typed in "$@"; do
              bash -e <$typed >&2
              container=$(lamina ps -q)
              lamina diff $container
              lamina rm --force $container
            done
            """,
            root,
            mapped);
    assertThat(result.succeeds().out())
        .matches("(?s).*\nA /usr/bin/some\n\\S+\n.*\nA /usr/made\n\\S+\n");
  }

  @Test
  void figures_areWrittenForPrometheus() throws Exception {
    Files.createDirectories(host.here().resolve("A"));
    host.run("mkdir MNT; fuse-lamina -o lowerdir=A MNT; ls MNT; " + Snippet.PROMETHEUS.text())
        .succeeds();
    assertThat(host.here().resolve("lamina.prom")).content().contains("# TYPE lamina_whiteouts");
    assertThat(host.here().resolve("x.prom.new")).doesNotExist();
  }

  @Test
  void abort_endsWhatWaits() throws Exception {
    CommandResult result = host.run(abortOfAStoppedServer("io_uring=off") + "wait $client");
    assertThat(result.exits(2).err()).contains("'MNT/absent': Software caused connection abort");
  }

  @Test
  void abort_overIoUring_endsWhatWaitsOnceTheServerIsKilled() throws Exception {
    Path uring = Path.of("/sys/module/fuse/parameters/enable_uring");
    assumeTrue(Files.exists(uring), "needs FUSE over io_uring, which Linux 6.14 has");
    String before = Files.readString(uring);
    try {
      CommandResult result =
          host.run(abortOfAStoppedServer("io_uring=on") + "kill -9 $server; wait $client");
      assertThat(result.exits(2).err()).contains("cannot access 'MNT/absent'");
    } finally {
      Files.writeString(uring, before);
    }
  }

  /** A script of which $client waits for what $server will not do. */
  private static String abortOfAStoppedServer(String option) {
    String abort = Snippet.ABORT.text().replace("/N/", "/$N/");
    assertThat(abort).contains("$N");
    return """
        mkdir A MNT
        fuse-lamina -f -o %s,lowerdir=A MNT & server=$!
        until findmnt MNT >/dev/null; do sleep 0.05; done
        N=$(findmnt -rn -o MAJ:MIN MNT); N=${N#*:}
        connections=/sys/fs/fuse/connections
        mountpoint -q $connections || mount -t fusectl fusectl $connections
        ls MNT >/dev/null
        kill -STOP $server
        while grep -h ^State: /proc/$server/task/*/status | grep -qv T; do sleep 0.05; done
        ls MNT/absent & client=$!
        until [ "$(cat $connections/$N/waiting)" -gt 0 ]; do sleep 0.05; done
        %s
        """
        .formatted(option, abort);
  }

  @Test
  void backups_areWhatTheyAreOf(MountScratch scratch) throws Exception {
    String image = TestImages.everything(scratch.root().resolve("image"));
    String rsync = Snippet.BACKUP_BY_RSYNC.text();
    String tar = Snippet.BACKUP_BY_TAR.text();
    host.run(
            """
            lamina mount $1 /mnt --name web
            rm /mnt/etc/motd; mv /mnt/bin /mnt/sbin; chmod 600 /mnt/etc/replaced; lamina umount web
            lamina diff web >changes
            mkdir -m 700 rsynced tarred
            """
                + rsync
                + " ../state/ rsynced/\n"
                + tar
                + " -C ../state -cf - . | "
                + tar
                + " -C tarred -xf -"
                + """

            for copy in rsynced tarred; do
              export LAMINA_ROOT=$PWD/$copy
              lamina verify
              lamina mount web /mnt
              test -e /mnt/sbin/tool -a ! -e /mnt/etc/motd
              lamina umount web
              lamina diff web | diff changes -
            done
            """,
            image)
        .succeeds();
  }

  @ParameterizedTest
  @EnumSource(
      value = Snippet.class,
      names = {"SNAPSHOTTER_UNIT", "DAEMON_UNIT"})
  void units_areInOrder(Snippet unit) throws Exception {
    Path file = Files.writeString(host.here().resolve("lamina-x.service"), unit.text() + "\n");
    CommandResult verified = host.run("systemd-analyze verify --man=no $1", file).succeeds();
    assertThat(verified.err()).doesNotContain("lamina-x.service");
  }

  /** containerd 1.6 reads what is for later ones, too, and leaves it. */
  @ParameterizedTest
  @EnumSource(
      value = Snippet.class,
      names = {"KUBERNETES_SNAPSHOTTER", "KUBERNETES_EXPORTS", "KUBERNETES_CAPABILITIES"})
  void containerdConfiguration_isRead(Snippet part) throws Exception {
    // Under a heading that is there already goes what is new.
    String text =
        part == Snippet.KUBERNETES_CAPABILITIES
            ? part.text().replace("[proxy_plugins.lamina]\n", "")
            : part.text();
    Path file =
        Files.writeString(
            host.here().resolve("config.toml"),
            "version = 2\n" + Snippet.PROXY_PLUGIN.text() + "\n" + text + "\n");
    String read = host.run("containerd --config $1 config dump", file).succeeds().out();
    assertThat(read).contains("[proxy_plugins.lamina]");
    if (part == Snippet.KUBERNETES_SNAPSHOTTER) {
      assertThat(read)
          .contains("snapshotter = \"lamina\"\n", "disable_snapshot_annotations = true\n");
    }
  }

  @Test
  void store_holdsWhatIsDocumented(MountScratch scratch) throws Exception {
    String image = TestImages.everything(scratch.root().resolve("image"));
    host.run(
            """
            lamina unpack $1; lamina tag image:v1 two
            lamina mount two /mnt --name web; touch /mnt/new; lamina umount web
            """,
            image)
        .succeeds();
    DiskTree.of(Snippet.STORE_TREE, Snippet.CONTAINER_TREE)
        .assertHolds(
            host.state(),
            "store.json",
            "blobs/ALGORITHM/HEX",
            "layers/sha256/KEY/diff",
            "layers/sha256/KEY/layer.json",
            "images/sha256/ID/config.json",
            "names/SHA256-OF-NAME",
            "containers/NAME/container.json",
            "containers/NAME/upper");
  }
}
