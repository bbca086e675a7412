package dev.lamina.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MountTableTest extends DirectoryTest {
  @Test
  void parse_escapesOfTheKernel() {
    MountTable.Entry entry =
        MountTable.parse(
                "36 35 98:0 /root /mnt/a\\040b\\011c\\134d rw,noatime shared:1 - ext4"
                    + " /dev/disk\\043one rw,errors=continue")
            .orElseThrow();
    assertThat(entry)
        .isEqualTo(
            new MountTable.Entry(
                36,
                "98:0",
                Path.of("/mnt/a b\tc\\d"),
                "ext4",
                "/dev/disk#one",
                "rw,errors=continue"));
  }

  @Test
  void parse_noneOrManyOptionalFieldsAndAnEmptySource() {
    String head = "1 2 0:5 / /m rw ";
    String tail = "- fuse.lamina  rw,user_id=0";
    for (String optional : new String[] {"", "shared:7 ", "shared:1 master:2 propagate_from:3 "}) {
      MountTable.Entry entry = MountTable.parse(head + optional + tail).orElseThrow();
      assertThat(entry.type()).isEqualTo("fuse.lamina");
      assertThat(entry.source()).isEmpty();
      assertThat(entry.options()).isEqualTo("rw,user_id=0");
    }
  }

  /** 0xff is no UTF-8 and no ASCII: one such mount must not hide all others. */
  @Test
  void parse_mountPointThatPathCannotNameIsLeftOut() {
    String line = "1 2 0:5 / /m\u00ff rw - tmpfs none rw";
    MountTable.parse(line)
        .ifPresent(entry -> assertThat(entry.mountPoint().getNameCount()).isEqualTo(1));
    boolean singleByte = "ISO-8859-1".equals(System.getProperty("sun.jnu.encoding"));
    assertThat(MountTable.parse(line).isPresent()).isEqualTo(singleByte);
  }

  @Test
  void read_hasTheProcItWasReadFrom() throws Exception {
    assertThat(MountTable.at(Path.of("/proc"))).get().extracting("type").isEqualTo("proc");
    assertThat(MountTable.at(path)).isEmpty();
  }

  @Test
  void at_theMountOnTopAndMountsOptions() throws Exception {
    Host.requireRoot();
    Path target = Files.createDirectory(path.resolve("a b"));
    mount("lower", target, "size=1m");
    try {
      mount("upper", target, "size=2m");
      MountTable.Entry top = MountTable.at(target).orElseThrow();
      assertThat(top.source()).isEqualTo("upper");
      assertThat(top.type()).isEqualTo("tmpfs");
      assertThat(top.options()).contains("size=2048k");
      Mounts.unmount(target.toString(), 0);
      assertThat(MountTable.at(target)).get().extracting("source").isEqualTo("lower");
    } finally {
      while (MountTable.at(target).isPresent()) {
        Mounts.unmount(target.toString(), Mounts.MNT_DETACH);
      }
    }
    Host.assertErrno(Errno.EINVAL, () -> Mounts.unmount(target.toString(), 0));
  }

  private static void mount(String source, Path target, String options) throws IOException {
    Mounts.mount(source, target.toString(), "tmpfs", Mounts.MS_NODEV | Mounts.MS_NOSUID, options);
  }

  @Test
  void containing_isTheInnermostMount() throws Exception {
    assertThat(MountTable.containing(Path.of("/proc/self/status")))
        .hasValueSatisfying(
            mount -> {
              assertThat(mount.type()).isEqualTo("proc");
              assertThat(mount.mountPoint()).isEqualTo(Path.of("/proc"));
            });
  }
}
