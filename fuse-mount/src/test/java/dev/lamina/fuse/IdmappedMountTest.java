package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fuse.wire.InitFlags;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.OverlayOptions.PrivateXattrs;
import dev.lamina.overlay.owner.OwnerRecords;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Idmapped binds of a mount (mount_setattr(2)), which FUSE allows since Linux 6.12. */
@RequiresFuse
@NotOverLibfuse("the protocol that it speaks has no idmapped mounts")
class IdmappedMountTest {
  private Path lower;
  private Path upper;
  private Path mnt;
  private Path bind;
  private UnionMount mount;

  @BeforeEach
  void makeLayers(MountScratch scratch) throws Exception {
    assumeTrue(kernelHasThem(), "idmapped FUSE mounts need Linux 6.12");
    lower = scratch.directory("lower");
    upper = scratch.directory("upper");
    mnt = scratch.directory("mnt");
    bind = scratch.directory("bind");
    Programs.sh(
        "cd $1; echo x > f; chown 5:6 f; chmod 640 f; mkdir sg; chown 8:9 sg; chmod 2777 sg;"
            + " cp /bin/true suid; chown 0:0 suid; chmod 6755 suid; chmod 1777 $1 $2",
        lower,
        upper);
  }

  private static boolean kernelHasThem() throws Exception {
    String[] version = Programs.sh("uname -r").split("[.-]", 3);
    int major = Integer.parseInt(version[0]);
    return major > 6 || (major == 6 && Integer.parseInt(version[1]) >= 12);
  }

  private void mount(MountScratch scratch, OwnerRecords records) throws Exception {
    OverlayOptions options =
        OverlayOptions.builder()
            .addLower(lower)
            .writable(upper, scratch.directory("work"))
            .privateXattrs(PrivateXattrs.TRUSTED)
            .upperOwners(records)
            .build();
    mount = UnionMount.of(options, mnt);
    Path script = scratch.root().resolve("idmap.py");
    try (InputStream program = IdmappedMountTest.class.getResourceAsStream("idmap.py")) {
      Files.copy(program, script);
    }
    Programs.sh("python3 $1 $2 $3 0 200000 65536", script, mnt, bind);
  }

  @AfterEach
  void unmount() throws Exception {
    if (mount != null) {
      Programs.sh("umount $1", bind);
      mount.close();
    }
  }

  private static OwnerRecords records(String name) {
    return name.equals("records") ? OwnerRecords.STORE : OwnerRecords.NONE;
  }

  @ParameterizedTest
  @ValueSource(strings = {"owners", "records"})
  void everyOperation_isMapped(String owners, MountScratch scratch) throws Exception {
    mount(scratch, records(owners));
    Programs.sh(
        """
        cd $1
        setpriv --reuid 200007 --regid 200008 --clear-groups sh -ec '
          umask 022
          echo hello > a; mkdir d; ln -s a s; mkfifo p; ln a hard; mv a b; chmod 600 b; echo x > b
          mkdir sg/in; : > sg/in/n; rm p; cat b; test "$(id -u)" = "$(stat -c %u b)"'
        chown 200033:200034 f
        """,
        bind);
    String show = "cd $1; stat -c '%n %u:%g %a' b hard d s sg/in sg/in/n f suid";
    assertThat(Programs.sh(show, bind))
        .isEqualTo(
            """
            b 200007:200008 600
            hard 200007:200008 600
            d 200007:200008 755
            s 200007:200008 777
            sg/in 200007:200009 2755
            sg/in/n 200007:200009 644
            f 200033:200034 640
            suid 200000:200000 6755""");
    assertThat(Programs.sh(show, mnt)).isEqualTo(Programs.sh(show, bind).replaceAll("2000?0", ""));
  }

  @Test
  void whoIsNotMapped_cannotCreate(MountScratch scratch) throws Exception {
    mount(scratch, OwnerRecords.NONE);
    assertThat(Programs.sh("touch $1/new 2>&1 || chown 5 $1/f 2>&1 || true", bind))
        .contains("Value too large for defined data type")
        .doesNotContain("Operation not permitted");
    assertThat(upper).isEmptyDirectory();
  }

  /** The kernel names the caller no more unless something is created. */
  @Test
  void setuid_isTakenByWhoMayNotKeepIt_andNotByRoot(MountScratch scratch) throws Exception {
    mount(scratch, OwnerRecords.NONE);
    Path allocate = scratch.root().resolve("allocate.py");
    Files.writeString(
        allocate,
        """
        import os, sys
        if len(sys.argv) > 2:
            os.setgroups([])
            os.setgid(int(sys.argv[2]))
            os.setuid(int(sys.argv[2]))
        os.posix_fallocate(os.open(sys.argv[1], os.O_RDWR), 0, 99999)
        print(oct(os.stat(sys.argv[1]).st_mode))
        """);
    assertThat(Programs.sh("python3 $1 $2/suid", allocate, mnt)).isEqualTo("0o106755");
    Programs.sh("chmod 6777 $1/suid", mnt);
    assertThat(Programs.sh("python3 $1 $2/suid 200007", allocate, bind)).isEqualTo("0o100777");
  }

  @Test
  void flag_isTheOneOfTheProtocol() {
    // linux/fuse.h of 6.12: FUSE_ALLOW_IDMAP (1ULL << 40)
    assertThat(InitFlags.ALLOW_IDMAP).isEqualTo(0x100_0000_0000L);
  }
}
