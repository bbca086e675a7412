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
      mkfs.ext4 -q -m 20 "$1.img"
      mount -o loop,resuid=4242,resgid=4242 "$1.img" "$1"
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
            fd = os.open("filler", os.O_WRONLY | os.O_CREAT)
            try:
                while True:
                    os.write(fd, bytes(1 << 16))
            except OSError as e:
                print(errno.errorcode[e.errno])
            result("open", os.open, "open/big", os.O_WRONLY)
            result("chmod", os.chmod, "open/big", 0o600)
            print(os.stat("open/big").st_size, read("open/big") == b"x" * (3 << 20))
            print(os.path.exists(os.environ["UPPER"] + "/open/big"))
            work = os.environ["UPPER"] + "/../work/work"
            # "incompat" has the mark of the kernel's volatile mount
            print([n for n in os.listdir(work) if n != "incompat"])
            print(os.path.exists(work + "/incompat/lamina-partial"))
            os.ftruncate(fd, 0)
            result("open", lambda: os.close(os.open("open/big", os.O_WRONLY)))
            print(os.stat(os.environ["UPPER"] + "/open/big").st_size)
            """);
    assertThat(printed).contains("ENOSPC", "open -> ENOSPC", "False");
  }

  @Test
  void blocksReservedForOthers_areNotUsedUpByTheServer() throws Exception {
    // With CAP_SYS_RESOURCE ext4 would give them to anybody, and exceed quotas too.
    String printed =
        mounts.same(
            """
            def fill():
                fd = os.open("open/mine", os.O_WRONLY | os.O_CREAT)
                while True:
                    os.write(fd, bytes(1 << 16))
            as_user(1000, 1000, lambda: result("user", fill))
            child(lambda: result("root", fill))
            room = os.statvfs(os.environ["UPPER"])
            print(room.f_bfree > room.f_blocks // 10)
            """);
    assertThat(printed).isEqualTo("user -> ENOSPC\nroot -> ENOSPC\nTrue");
  }
}
