package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresFuseOverlayfs;
import dev.lamina.overlay.Index;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.OverlayOptions.PrivateXattrs;
import dev.lamina.overlay.owner.IdMapping;
import dev.lamina.overlay.owner.OwnerRecords;
import dev.lamina.overlay.owner.Ownership;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Owners that are shown as others: uidmapping, gidmapping and squashing. */
@RequiresFuse
class OwnerMappingTest {
  private static final String MAPPING = "0:1000:1:5:100000:10";
  private static final Ownership MAPPED =
      Ownership.AS_STORED.withUsers(IdMapping.parse(MAPPING)).withGroups(IdMapping.parse(MAPPING));
  private static final String OPTIONS = "uidmapping=" + MAPPING + ",gidmapping=" + MAPPING;

  private static final String LAYER =
      """
      cd $1
      for i in 0 5 14 15 999; do echo $i > f$i; chown $i:$i f$i; done
      chmod 6755 f5; ln -s x link; chown -h 6:7 link; mkfifo pipe; chown 7:8 pipe
      mkdir sg; chown 8:9 sg; chmod 2777 sg; echo x > sg/f; mkdir -m 777 open; mknod null c 1 3; chown 9:9 null
      """;

  /** What the merged tree shows, and then what lies in the upper. */
  private static final String SHOW =
      """
      show() { (cd $1; find . -mindepth 1 ! -type c ! -name '.wh.*' -printf '%p %U:%G %m %y\\n' | LC_ALL=C sort); }
      """;

  private Path lower;
  private Path upper;
  private Path work;
  private Path mnt;

  @BeforeEach
  void makeLayers(MountScratch scratch) throws Exception {
    lower = scratch.directory("lower");
    upper = scratch.directory("upper");
    work = scratch.directory("work");
    mnt = scratch.directory("mnt");
    Programs.sh(LAYER, lower);
    Programs.sh("chmod 777 $1", upper);
  }

  private UnionMount mount(Ownership ownership, OwnerRecords records) throws Exception {
    OverlayOptions options =
        OverlayOptions.builder()
            .addLower(lower)
            .writable(upper, work)
            .privateXattrs(PrivateXattrs.TRUSTED)
            .syncBeforePublish(false)
            .ownership(ownership)
            .upperOwners(records)
            // fuse-overlayfs 1.10 loses the lower of an upper whose root has an origin.
            .index(Index.OFF)
            .build();
    return UnionMount.of(options, mnt);
  }

  /** Runs a script in both mounts, one after the other; what it printed and left in the upper. */
  @SuppressWarnings("try") // mounts are used by being there
  private void sameAsFuseOverlayfs(Ownership ownership, String options, String script)
      throws Exception {
    String expected;
    Programs.sh(
        "fuse-overlayfs -o lowerdir=$1,upperdir=$2,workdir=$3,$4 $5",
        lower,
        upper,
        work,
        options,
        mnt);
    try {
      expected = Programs.sh(SHOW + script, mnt);
    } finally {
      Programs.sh("umount $1", mnt);
    }
    expected += "\n" + Programs.sh(SHOW + "show $1", upper);
    Programs.sh("find $1 $2 -mindepth 1 -delete", upper, work);
    String shown;
    try (UnionMount mount = mount(ownership, OwnerRecords.NONE)) {
      shown = Programs.sh(SHOW + script, mnt);
    }
    assertThat(shown + "\n" + Programs.sh(SHOW + "show $1", upper)).isEqualTo(expected);
  }

  @Test
  @RequiresFuseOverlayfs
  void mapping_isThatOfFuseOverlayfs() throws Exception {
    sameAsFuseOverlayfs(
        MAPPED,
        OPTIONS,
        """
        cd $1
        show .
        chown 1000:1000 f0
        chown 100001 f5
        chown :100009 f14
        chown 100002 f999
        chmod 640 f15
        : > fresh; chown 1000:100001 fresh
        as() { setpriv --reuid $1 --regid $2 --clear-groups sh -ec "$3"; }
        as 1000 1000 ': > one; mkdir two; mkfifo three'
        as 100002 100003 ': > open/four; ln -s x open/five'
        as 7777 7777 'mkfifo six'
        show .
        """);
  }

  @Test
  @RequiresFuseOverlayfs
  void squashing_isThatOfFuseOverlayfs() throws Exception {
    String script =
        """
        cd $1
        show .
        chown 5:6 f0
        chmod 600 f5
        : > fresh; chown 3:4 fresh
        setpriv --reuid 1000 --regid 1001 --clear-groups mkfifo pipe2
        show .
        """;
    Ownership root = Ownership.AS_STORED.squashedToUser(0).squashedToGroup(0);
    sameAsFuseOverlayfs(root, "squash_to_root", script);
    Programs.sh("find $1 $2 -mindepth 1 -delete", upper, work);
    Ownership others = Ownership.AS_STORED.squashedToUser(77).squashedToGroup(78);
    sameAsFuseOverlayfs(others, "squash_to_uid=77,squash_to_gid=78,squash_to_root", script);
  }

  @Test
  @SuppressWarnings("try")
  void chown_toWhomNobodyIsMapped_isInvalidAndLeavesNoTrace() throws Exception {
    try (UnionMount mount = mount(MAPPED, OwnerRecords.NONE)) {
      assertThat(
              Programs.sh(
                  "cd $1; stat -c %u:%g f15 f0; chown 0 f0 2>&1 || chown :100010 f0 2>&1 || true;"
                      + " stat -c %u:%g f0",
                  mnt))
          .isEqualTo(
              """
              65534:65534
              1000:1000
              chown: changing ownership of 'f0': Invalid argument
              chown: changing group of 'f0': Invalid argument
              1000:1000""");
    }
    assertThat(upper).isEmptyDirectory();
  }

  /** A directory made in a setgid directory takes its group and its bit, in layers' terms. */
  @Test
  @SuppressWarnings("try")
  void setgidDirectory_passesItsGroupOn_underAMapping() throws Exception {
    for (OwnerRecords records : new OwnerRecords[] {OwnerRecords.NONE, OwnerRecords.STORE}) {
      try (UnionMount mount = mount(MAPPED, records)) {
        assertThat(
                Programs.sh(
                    SHOW
                        + """
                          cd $1/sg
                          setpriv --reuid 100000 --regid 100000 --clear-groups sh -ec '
                            umask 022; mkdir d; mkdir d/in; : > d/in/f; rm f 2>/dev/null || :; : > n'
                          show .
                          """,
                    mnt))
            .isEqualTo(
                """
                ./d 100000:100004 2755 d
                ./d/in 100000:100004 2755 d
                ./d/in/f 100000:100004 644 f
                ./n 100000:100004 644 f""");
      }
      if (records == OwnerRecords.NONE) {
        assertThat(Programs.sh("cd $1/sg; stat -c %u:%g,%a d d/in/f", upper))
            .isEqualTo("5:9,2755\n5:9,644");
      } else {
        assertThat(
                Programs.sh(
                    "cd $1/sg; getfattr --absolute-names -d d d/in/f | grep -v '^#'; stat -c %u,%a d",
                    upper))
            .contains("override_stat=\"5:9:2755:dir\"", "override_stat=\"5:9:0644:file\"")
            .endsWith("0,700");
      }
      Programs.sh("find $1 $2 -mindepth 1 -delete", upper, work);
    }
  }

  @Test
  @SuppressWarnings("try")
  void aclEntries_areMappedBothWays() throws Exception {
    try (UnionMount mount = mount(MAPPED, OwnerRecords.NONE)) {
      Programs.sh("cd $1; setfacl -m u:100001:rw,g:1000:r f0; setfacl -d -m u:1000:rx sg", mnt);
      assertThat(Programs.sh("cd $1; getfacl -nc f0 sg | grep '[ug].*:[0-9]'; : > sg/n", mnt))
          .contains("user:100001:rw-", "group:1000:r--", "default:user:1000:r-x");
      assertThat(Programs.sh("cd $1; getfacl -nc sg/n; setfacl -m u:3:r f0 2>&1 || :", mnt))
          .contains("user:1000:r-x", "Invalid argument");
    }
    assertThat(Programs.sh("cd $1; getfacl -nc f0; getfacl -nc sg/n", upper))
        .contains("user:6:rw-", "group:0:r--", "user:0:r-x");
  }
}
