package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Layer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An upper without room: errors reach the program, and nothing half-made is left. */
@RequiresFuse
@RequiresKernelOverlay
class FullUpperTest {
  private static final String SMALL_FILESYSTEM =
      """
      truncate -s 16M "$1.img"
      mkfs.ext4 -q -m 0 -O quota -E quotatype=usrquota "$1.img"
      mount -o loop,usrquota "$1.img" "$1"
      """;

  private TwoMounts mounts;

  @BeforeEach
  void mount(MountScratch scratch) throws Exception {
    Path ours = scratch.directory("ours");
    Path theirs = scratch.directory("theirs");
    Programs.sh(SMALL_FILESYSTEM, ours);
    Programs.sh(SMALL_FILESYSTEM, theirs);
    Layer lower =
        Layer.builder()
            .dir("open")
            .mode(0777)
            .file("open/big", "x".repeat(3 << 20))
            .mode(0666)
            .file("open/small", "small")
            .mode(0666)
            .build();
    mounts = TwoMounts.over(scratch, ours, theirs, lower);
  }

  @AfterEach
  void unmount() throws Exception {
    mounts.close();
  }

  @Test
  void promotionWithoutRoom_leavesTheLowerFile() throws Exception {
    String printed =
        mounts.same(
            """
            import errno
            fd = os.open("filler", os.O_WRONLY | os.O_CREAT)
            try:
                while True:
                    os.write(fd, bytes(1 << 16))
            except OSError as e:
                print(errno.errorcode[e.errno])
            result("open", os.open, "open/big", os.O_WRONLY)
            result("chmod", os.chmod, "open/big", 0o600)
            print(os.stat("open/big").st_size, read("open/big") == b"x" * (3 << 20))
            result("append", write, "open/small", bytes(1 << 20), os.O_WRONLY | os.O_APPEND)
            print(os.path.exists(os.environ["UPPER"] + "/open/big"))
            print(os.listdir(os.environ["UPPER"] + "/../work/work"))
            os.close(fd)
            os.unlink("filler")
            result("open", lambda: os.close(os.open("open/big", os.O_WRONLY)))
            print(os.stat(os.environ["UPPER"] + "/open/big").st_size)
            """);
    assertThat(printed).contains("ENOSPC", "open -> ENOSPC", "False");
  }

  @Test
  void quotaOfTheUser_isNotExceededByTheServer() throws Exception {
    String printed =
        mounts.same(
            """
            # struct if_dqblk of linux/quota.h: blocks of 1 KiB; Q_SETQUOTA of user 1000.
            limits = struct.pack("QQQQQQQQI", 64, 64, 0, 4, 4, 0, 0, 0, 5)
            device = os.stat(os.environ["UPPER"]).st_dev
            source = [l.split()[9] for l in open("/proc/self/mountinfo")
                      if l.split()[2] == "%d:%d" % (os.major(device), os.minor(device))][0]
            command = ctypes.c_uint(0x800008 << 8)
            check(libc.quotactl(command, os.fsencode(source), 1000, limits))
            def user():
                fd = os.open("open/mine", os.O_WRONLY | os.O_CREAT)
                def fill():
                    for i in range(64):
                        os.pwrite(fd, bytes(4096), i * 4096)
                result("fill", fill)
                print(os.fstat(fd).st_size)
                for i in range(6):
                    result("create", lambda: os.close(os.open("open/f%d" % i, os.O_CREAT)))
            as_user(1000, 1000, user)
            print(sorted(os.listdir("open")))
            """);
    assertThat(printed).contains("fill -> EDQUOT", "create -> EDQUOT");
  }
}
