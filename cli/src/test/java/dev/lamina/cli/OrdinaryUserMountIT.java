package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFusermount;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Images mounted by an ordinary user: everybody's files, though he owns them all on disk. */
@RequiresFusermount
final class OrdinaryUserMountIT extends EndToEnd {
  private static final String SHOW =
      "cd $1; find . -printf '%P %U:%G %m %y %l\\n' -type b -exec stat -c '%t,%T' {} \\;"
          + " -o -type c -exec stat -c '%t,%T' {} \\; | LC_ALL=C sort";

  private OrdinaryUser user;
  private String image;

  @BeforeEach
  void makeUser(MountScratch scratch) throws Exception {
    user = OrdinaryUser.in(scratch);
    image = TestImages.everything(scratch.root().resolve("image"));
    user.own("home/mnt");
  }

  @Test
  void mount_showsTheOwnersModesAndDevicesOfTheImage(MountScratch scratch) throws Exception {
    Path mnt = scratch.directory("mnt");
    StateDirectory state = new StateDirectory(scratch.directory("state"));
    state.launcher().lamina("mount", image, mnt, "--read-only").succeeds();
    String expected = Launcher.sh(SHOW, mnt).succeeds().out();
    state.launcher().lamina("umount", mnt).succeeds();

    String shown =
        user.sh("lamina mount $1 mnt >&2; (set mnt;" + SHOW + "); lamina umount mnt", image)
            .succeeds()
            .out();
    // What is in directories of others is not his to see.
    String closed = "(?m)^(etc|opaque|swap/file-to-directory)/.*\\n";
    assertThat(shown)
        .isEqualTo(expected.replaceAll(closed, ""))
        .contains("dev/null 0:0 666 c", "dev/fifo 1000:1001 600 p");
    assertThat(shown).contains("bin/tool 0:0 4755 f", "etc 5:6 711 d");
  }

  @Test
  void changes_ofHisOwn_areThereAfterARemountAndInTheDiff() throws Exception {
    CommandResult result =
        user.sh(
            """
            exec 2>&1
            lamina mount $1 mnt --name c >/dev/null
            umask 022
            cd mnt/deep
            touch no && exit 1
            cd er/and/deeper
            echo x >f; chmod 4711 f; mkdir d; mkfifo p; ln -s f l; ln f g
            cd $HOME; lamina umount c; lamina diff c
            lamina mount $1 mnt --name c >/dev/null
            cd mnt/deep/er/and/deeper; stat -c '%n %u:%g %a %F %h' *
            cd $HOME; lamina umount c
            stat -c '%u %a' lamina/containers/c/upper/deep/er/and/deeper/f
            """,
            image);
    assertThat(result.succeeds().out().replaceAll("(layer|lamina: warning:) .*\n", ""))
        .isEqualTo(
            """
            touch: cannot touch 'no': Permission denied
            C /deep
            C /deep/er
            C /deep/er/and
            C /deep/er/and/deeper
            A /deep/er/and/deeper/d
            A /deep/er/and/deeper/f
            A /deep/er/and/deeper/g
            A /deep/er/and/deeper/l
            A /deep/er/and/deeper/p
            d 65534:65534 755 directory 2
            f 65534:65534 4711 regular file 2
            g 65534:65534 4711 regular file 2
            l 0:0 777 symbolic link 1
            p 65534:65534 644 fifo 1
            65534 600
            """);
  }

  /** What a container does as its own root, through a mount that maps root to the user. */
  @Test
  void changes_asRootOfAUserNamespace_areRoots() throws Exception {
    assumeTrue(user.hasUserNamespaces(), "user namespaces are not for ordinary users here");
    String change =
        """
        cd mnt
        echo more >>etc/motd; chown 0:0 etc/motd; chmod 4755 etc/replaced
        mkdir -m 2755 var; : >var/f; rm -r usr; mkdir usr; mkfifo usr/p; cp -a bin/tool usr/tool
        ln bin/tool3 usr/hard; mv opaque/new usr/moved; ln -s moved usr/link; chown -h 0:0 usr/link
        """;
    CommandResult result =
        user.sh(
            """
            map=0:65534:1
            lamina mount $1 mnt --name a -o uidmapping=$map,gidmapping=$map >&2
            stat -c %U:%G mnt/etc mnt/bin
            unshare --user --map-root-user sh -ec "$2"
            lamina umount a
            unshare --user --map-root-user --mount sh -ec "lamina mount $1 mnt --name b >&2;
              stat -c %u:%g mnt/bin mnt/dev/fifo; $2 cd ..; lamina umount b"
            for c in a b; do
              lamina mount $1 mnt --name $c >&2
              (cd mnt; stat -c '%n %u:%g %a %F' etc/replaced var var/f usr/*)
              lamina umount $c
              lamina diff $c
            done
            """,
            image, change);
    String after =
        """
        etc/replaced 0:0 4755 regular file
        var 0:0 2755 directory
        var/f 0:0 644 regular empty file
        usr/hard 0:0 4755 regular file
        usr/link 0:0 777 symbolic link
        usr/moved 0:0 644 regular file
        usr/p 0:0 644 fifo
        usr/tool 0:0 4755 regular file
        C /bin
        C /bin/tool3
        C /etc
        C /etc/motd
        C /etc/replaced
        C /opaque
        D /opaque/new
        C /usr
        D /usr/share
        A /usr/hard
        A /usr/link
        A /usr/moved
        A /usr/p
        A /usr/tool
        A /var
        A /var/f
        """;
    assertThat(result.succeeds().out())
        .isEqualTo("nobody:nogroup\nnobody:nogroup\n0:0\n65534:65534\n" + after + after);
  }

  @Test
  void owners_thatMakeNoSense_areAnErrorOfUsage(MountScratch scratch) throws Exception {
    Path mnt = scratch.directory("mnt");
    Launcher launcher = new StateDirectory(scratch.directory("state")).launcher();
    assertThat(launcher.lamina("mount", image, mnt, "-o", "uidmapping=0:1").exits(2).message())
        .isEqualTo(
            "lamina mount: uidmapping=: \"0:1\" is not STORED:SHOWN:COUNT, once or several"
                + " times");
    assertThat(launcher.lamina("mount", image, mnt, "-o", "lowerdir=/x").exits(2).message())
        .isEqualTo("lamina mount: -o lowerdir is no option of lamina mount");
    assertThat(
            launcher.fuseLamina("-o", "lowerdir=/usr,xattr_permissions=3", mnt).exits(2).message())
        .isEqualTo("fuse-lamina: xattr_permissions= is 0, 1 or 2, not 3");
    assertThat(launcher.fuseLamina("-o", "lowerdir=/usr,squash_to_uid=x", mnt).exits(2).message())
        .isEqualTo("fuse-lamina: squash_to_uid= is a number, not \"x\"");
  }
}
