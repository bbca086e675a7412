package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.mount.KernelOverlay;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.LowersUnchanged;
import dev.lamina.fuse.session.PassthroughPolicy;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs on large files that come up block by block, through the kernel. */
@RequiresFuse
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class PartialPromotionTest {
  private static final int MIB = 1 << 20;

  private MountScratch scratch;
  private Path lower;
  private Path upper;
  private Path work;
  private Path target;
  private LowersUnchanged lowers;
  private Overlay overlay;
  private FuseMount mount;

  @BeforeEach
  void makeLower(MountScratch place) throws Exception {
    scratch = place;
    lower = place.directory("lower");
    upper = place.directory("upper");
    work = place.directory("work");
    target = place.directory("target");
    Programs.sh("cd \"$1\"; head -c 64M /dev/urandom >big; mkdir d", lower);
  }

  /** Where the copier waits for longer than any test lasts. */
  private void mount() throws Exception {
    mount(Duration.ofDays(1));
  }

  private void mount(Duration quiet) throws Exception {
    lowers = new LowersUnchanged().watchAll(List.of(lower));
    OverlayOptions.Builder options =
        OverlayOptions.builder()
            .addLower(lower)
            .writable(upper, work)
            .partialFrom(1 << 16)
            .partialQuiet(quiet);
    overlay = Overlay.open(options.build());
    mount = TestMounts.of(overlay.inodes()).on(target).passthrough(PassthroughPolicy.AUTO).mount();
  }

  @AfterEach
  void unmount() throws Exception {
    if (mount != null) {
      mount.close();
      overlay.close();
      lowers.verify();
      // Whatever was done, nothing is left.
      try (var maps = Files.list(work.resolve("lamina-partial"))) {
        assertThat(maps).isEmpty();
      }
      assertThat(work.resolve("work/incompat")).doesNotExist();
      assertThat(Programs.sh("getfattr -R -d -m trusted.overlay.metacopy \"$1\"", upper)).isEmpty();
    }
  }

  /** Bytes on disk of a file of the upper. */
  private long allocated(String name) throws Exception {
    return Long.parseLong(Programs.sh("stat -c %b \"$1\"", upper.resolve(name)).strip()) * 512;
  }

  private String python(String program) throws Exception {
    return Programs.sh(
        "cd \"$1\"; LOWER=$2 exec python3 -c \"$3\"", target, lower, "import os, mmap\n" + program);
  }

  @Test
  void firstWrite_bringsUpABlockOrTwo() throws Exception {
    mount();
    python(
        """
        fd = os.open('big', os.O_RDWR)
        os.pwrite(fd, b'x' * 100, 30000000)
        os.fsync(fd)
        """);
    assertThat(allocated("big")).isLessThanOrEqualTo(4 * 4096);
    assertThat(
            python(
                """
                model = bytearray(open(os.environ['LOWER'] + '/big', 'rb').read())
                model[30000000:30000100] = b'x' * 100
                print(open('big', 'rb').read() == model, os.stat('big').st_blocks * 512 >= 64 << 20)
                """))
        .isEqualTo("True True");
  }

  @Test
  void randomWritesAndReads_giveWhatAPlainFileGives() throws Exception {
    mount();
    assertThat(Programs.sh(RandomAccess.SCRIPT, target.resolve("big"), lower.resolve("big")))
        .isEqualTo("same");
  }

  @Test
  void copier_runsOnAllProcessorsWhoeverStartedIt() throws Exception {
    mount();
    // On one processor, where a server over io_uring stays.
    Programs.sh("cd \"$1\"; echo x | taskset -c 0 dd of=big conv=notrunc status=none", target);
    // The thread has its name before it has left its starter's processor.
    String all = processorsOf("/proc/self");
    while (!copiersProcessors().contains(all)) {
      Thread.sleep(10);
    }
  }

  /** What each thread may use that copies now. */
  private static List<String> copiersProcessors() throws Exception {
    // As long as the kernel lets names be.
    String known = "lamina-promotion".substring(0, 15);
    List<String> found = new ArrayList<>();
    try (var threads = Files.list(Path.of("/proc/self/task"))) {
      for (Path thread : threads.toList()) {
        try {
          if (Files.readString(thread.resolve("comm")).strip().equals(known)) {
            found.add(processorsOf(thread.toString()));
          }
        } catch (IOException e) {
          // It has ended since it was listed.
        }
      }
    }
    return found;
  }

  private static String processorsOf(String task) throws Exception {
    return Files.readAllLines(Path.of(task, "status")).stream()
        .filter(line -> line.startsWith("Cpus_allowed_list:"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @NotOverLibfuse(
      "to the kernel, the names of a file are files of their own, with cached pages of their own")
  void fileOfMoreThanOneName_movesAndGoesInFlight() throws Exception {
    mount();
    assertThat(
            python(
                """
                model = bytearray(open('big', 'rb').read())
                fd = os.open('big', os.O_RDWR)
                def put(at, data):
                    os.pwrite(fd, data, at)
                    model[at:at + len(data)] = data
                put(5, b'one')
                os.rename('big', 'd/moved')
                put(70000, b'two')
                os.link('d/moved', 'second')
                put(140000, b'three')
                os.chmod('second', 0o600)
                os.utime('second', (5, 6))
                print(os.stat('d/moved').st_mtime, os.stat('second').st_nlink)
                os.unlink('d/moved')
                other = open('second', 'rb').read()
                print(other == model)
                os.truncate('second', 50000000)
                os.truncate('second', 60000000)
                model[50000000:] = bytes(10000000)
                print(open('second', 'rb').read() == model)
                os.unlink('second')
                print(os.pread(fd, 1 << 26, 0) == model, os.fstat(fd).st_nlink)
                """))
        .isEqualTo("6.0 2\nTrue\nTrue\nTrue 0");
    assertThat(upper.resolve("second")).doesNotExist();
  }

  @Test
  void mappings_andTwoProcesses_seeOneFile() throws Exception {
    mount();
    assertThat(
            python(
                """
                fd = os.open('big', os.O_RDWR)
                m = mmap.mmap(fd, 0)
                reader = open('big', 'rb', 0)
                before = m[8192:8200]
                pid = os.fork()
                if pid == 0:
                    own = os.open('big', os.O_RDWR)
                    os.pwrite(own, b'child', 1000000)
                    view = mmap.mmap(own, 0)
                    view[2000000:2000004] = b'view'
                    view.flush()
                    os._exit(0)
                os.waitpid(pid, 0)
                m[3000000:3000004] = b'mine'
                print(m[1000000:1000005], m[2000000:2000004], m[8192:8200] == before)
                m.flush()
                reader.seek(3000000)
                print(reader.read(4), os.pread(fd, 4, 2000000))
                """))
        .isEqualTo("b'child' b'view' True\nb'mine' b'view'");
  }

  @Test
  void copierInTheBackground_movesNothingThatShows() throws Exception {
    mount(Duration.ofMillis(100));
    assertThat(
            python(
                """
                import time
                fd = os.open('big', os.O_RDWR)
                model = bytearray(os.pread(fd, 1 << 27, 0))
                os.pwrite(fd, b'first', 100)
                model[100:105] = b'first'
                os.utime('big', (1, 2))
                while os.listdir('%s'):
                    time.sleep(0.02)
                print(os.stat('big').st_mtime, os.pread(fd, 1 << 27, 0) == model)
                os.pwrite(fd, b'last', 200)
                model[200:204] = b'last'
                os.close(fd)
                print(open('big', 'rb').read() == model)
                """
                    .formatted(work.resolve("lamina-partial"))))
        .isEqualTo("2.0 True\nTrue");
    assertThat(allocated("big")).isGreaterThanOrEqualTo(64L * MIB);
  }

  @Test
  void program_thatTheKernelReadsByItself_isChangedInParts() throws Exception {
    Programs.sh("cp /bin/bash \"$1/program\"", lower);
    mount();
    assertThat(
            python(
                """
                import subprocess
                reader = open('program', 'rb')
                mapped = mmap.mmap(reader.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ)
                size = os.stat('program').st_size
                fd = os.open('program', os.O_RDWR)
                os.pwrite(fd, b'tail', size)
                print(open('program', 'rb').read()[-4:], os.stat('program').st_size - size)
                print(mapped[:4], subprocess.run(['cmp', '-n', str(size), 'program',
                    os.environ['LOWER'] + '/program']).returncode)
                os.close(fd)
                print(subprocess.check_output(['./program', '-c', 'echo 42']))
                """))
        .isEqualTo("b'tail' 4\nb'\\x7fELF' 0\nb'42\\n'");
  }

  @Test
  void sqlite_worksOnALargeLowerDatabase() throws Exception {
    Programs.sh(
        """
        sqlite3 "$1/db" "create table t(a integer primary key, b blob);
          with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
          insert into t select i, randomblob(1000) from n"
        """,
        lower);
    mount();
    assertThat(
            Programs.sh(
                """
                cd "$1"
                sqlite3 db "update t set b = 'x' where a % 997 = 0; insert into t(b) values('new');
                  delete from t where a between 10 and 20; pragma integrity_check;"
                sqlite3 db "pragma journal_mode=wal; update t set b = 'y' where a = 5000;
                  select count(*), sum(b = 'x') from t; pragma integrity_check;"
                """,
                target))
        .isEqualTo("ok\nwal\n19990|20\nok");
  }

  @Test
  void imageOfAFilesystem_isMountedAndChanged() throws Exception {
    Programs.sh(
        """
        cd "$1"; mkdir t; head -c 20M /dev/urandom >t/old
        truncate -s 64M image; mkfs.ext4 -q -F -d t image; rm -r t
        """,
        lower);
    mount();
    Path inner = scratch.directory("inner");
    // One device for both mounts: the kernel may give up the one of a mount a moment after umount.
    Programs.sh(
        """
        device=$(losetup --find --show "$1/image"); trap 'losetup --detach "$device"' EXIT
        mount "$device" "$2"
        before=$(md5sum <"$2/old")
        head -c 5M /dev/urandom >"$2/new"; mkdir "$2/d"; mv "$2/old" "$2/d"; sync -f "$2"
        new=$(md5sum <"$2/new")
        umount "$2"; mount -o ro "$device" "$2"
        test "$before" = "$(md5sum <"$2/d/old")"; test "$new" = "$(md5sum <"$2/new")"
        umount "$2"; e2fsck -fn "$1/image"
        """,
        target,
        inner);
  }

  @Test
  @RequiresKernelOverlay
  @SuppressWarnings("try") // mounts are used by being there
  void kernelOverlayfs_refusesTheUpperUntilAllIsUp() throws Exception {
    mount();
    python("fd = os.open('big', os.O_RDWR); os.pwrite(fd, b'changed', 4000000)");
    Path theirs = scratch.directory("theirs");
    List<String> options = List.of("metacopy=on", "redirect_dir=on");
    assertThatThrownBy(() -> KernelOverlay.mount(List.of(lower), upper, work, theirs, options))
        .isInstanceOf(Exception.class);
    mount.close();
    overlay.close();
    try (KernelOverlay kernel = KernelOverlay.mount(List.of(lower), upper, work, theirs, options)) {
      assertThat(
              Programs.sh(
                  "cd \"$1\"; dd if=big bs=1 skip=4000000 count=7 2>/dev/null; cmp big \"$2\" || :",
                  theirs,
                  lower.resolve("big")))
          .startsWith("changed");
    }
  }
}
