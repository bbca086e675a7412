package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresPodman;
import dev.lamina.linux.MountTable;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers of podman and a build of buildah, on Lamina and on fuse-overlayfs. */
@RequiresPodman
final class PodmanIT extends EndToEnd {
  /** What stands in every tree that is compared: names, types, modes, owners, sizes, contents. */
  private static final String LIST =
      "cd / && find . -xdev \\( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run -o -path"
          + " ./etc/hosts -o -path ./etc/resolv.conf -o -path ./etc/hostname \\) -prune -o"
          + " ! -type d -exec stat -c '%n %F %a %u:%g %h %s %N' {} + | sort;"
          + " find . -xdev -type d ! -path './proc*' ! -path './sys*' ! -path './dev*' | sort";

  private static final String CHANGES =
      "echo new >/new && ln /new /linked && rm /etc/motd && mv /usr/share/notes /usr/share/moved"
          + " && mkdir /usr/share/notes && chmod 1777 /srv && echo more >>/etc/passwd"
          + " && ln -s moved /usr/share/symlink && mkdir -p /a/b/c && touch /a/b/c/d";

  private Path image;
  private Podman lamina;
  private Podman other;

  @BeforeEach
  void makeImage(MountScratch scratch) throws Exception {
    image = scratch.directory("host");
    HostImage.build(image);
    lamina = Podman.on(scratch.root().resolve("l"), Launcher.CLONE.resolve("fuse-lamina"));
    other = Podman.on(scratch.root().resolve("f"), Path.of("/usr/bin/fuse-overlayfs"));
    for (Podman podman : new Podman[] {lamina, other}) {
      podman.sh("podman tag $(podman pull -q oci:$2/image:demo) base", image).succeeds();
    }
  }

  @AfterEach
  void removeContainers() throws Exception {
    for (Podman podman : new Podman[] {lamina, other}) {
      podman.sh("podman rm -f -t 0 -a; podman image unmount -a -f; podman rmi -f -a");
    }
  }

  /** The same script on both: the output of both, which must be one. */
  private String same(String script, Object... arguments) throws Exception {
    String out = lamina.sh(script, arguments).succeeds().out();
    assertThat(out).isEqualTo(other.sh(script, arguments).succeeds().out());
    return out;
  }

  @Test
  void container_runsAndIsGone() throws Exception {
    assertThat(same("run --rm base sh -c 'cat /etc/motd; id -u; echo x >/x; wc -c /x'"))
        .isEqualTo("the third layer\n0\n2 /x\n");
    assertThat(same("podman ps -a -q")).isEmpty();
  }

  @Test
  void changesOfAContainer_areSeenListedAndCommitted() throws Exception {
    String changed = "run -d --name c base sleep 1000 >/dev/null; podman exec c sh -ec \"$2\";";
    assertThat(same(changed + "podman exec c sh -ec \"$3\"", CHANGES, LIST))
        .contains("./new regular file 644 0:0 2 4", "./usr/share/symlink");
    assertThat(same("podman diff c | sort"))
        .contains("A /new", "D /etc/motd", "A /usr/share/moved", "C /etc/passwd");
    same("podman commit -q c changed >/dev/null; podman rm -f -t 0 c >/dev/null");
    assertThat(same("run --rm changed sh -ec \"$2\"", LIST)).contains("./linked regular file 644");
    assertThat(same("cat $(podman image mount changed)/etc/passwd")).endsWith("more\n");
    // A container goes on with its layer after a restart.
    // What its program does before it sleeps is done some time after podman has returned.
    String written = "; until podman exec again ls /%s >/dev/null 2>&1; do sleep 0.1; done";
    same(
        "run -d --name again base sh -c 'echo x >>/x; mkdir /1 2>/dev/null || mkdir /2; sleep 1000'"
            + " >/dev/null"
            + written.formatted("1"));
    same(
        "podman stop -t 0 again >/dev/null; podman start again >/dev/null"
            + written.formatted("2"));
    assertThat(same("podman exec again cat /x")).isEqualTo("x\nx\n");
  }

  @Test
  void build_ofFiveSteps_givesTheSameImage(MountScratch scratch) throws Exception {
    Path context = scratch.directory("context");
    Files.writeString(context.resolve("file"), "copied\n");
    Files.writeString(
        context.resolve("Dockerfile"),
        """
        FROM localhost/base
        RUN mkdir -p /app/deep && echo one >/app/deep/one && chmod 700 /app
        COPY file /app/copied
        RUN mv /app/deep /app/moved && rm /usr/share/notes/kept && ln /app/copied /app/linked
        RUN rm -rf /usr/share/notes && mkdir /usr/share/notes && echo again >/usr/share/notes/new
        RUN cat /app/moved/one /app/linked >/app/both && rm /app/copied
        """);
    same("buildah bud -q --isolation chroot --layers -t built $2 >/dev/null", context);
    assertThat(same("run --rm built sh -c 'cat /app/both /usr/share/notes/new'"))
        .isEqualTo("one\ncopied\nagain\n");
    same("run --rm built sh -ec \"$2\"", LIST);
  }

  @Test
  void manyContainersAtOnce_comeAndGo(MountScratch scratch) throws Exception {
    String out =
        lamina
            .sh(
                """
                for i in $(seq 20); do
                  run -d --name c$i base sh -c "echo $i >/new; mv /new /mine; sleep 1000" >/dev/null &
                done
                wait
                for i in $(seq 20); do
                  until podman exec c$i cat /mine 2>/dev/null; do sleep 0.1; done
                done
                podman rm -f -t 0 -a | wc -l
                """)
            .succeeds()
            .out();
    StringBuilder expected = new StringBuilder();
    for (int i = 1; i <= 20; i++) {
      expected.append(i).append('\n');
    }
    assertThat(out).isEqualTo(expected + "20\n");
    assertThat(MountTable.read())
        .noneMatch(mount -> mount.mountPoint().endsWith("merged") && isBelow(mount, scratch));
  }

  private static boolean isBelow(MountTable.Entry mount, MountScratch scratch) {
    return mount.mountPoint().startsWith(scratch.root());
  }
}
