package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.KernelOverlay;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.LowersUnchanged;
import dev.lamina.overlay.Index;
import dev.lamina.overlay.OverlayOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Metacopies on a mount against kernel overlayfs with metacopy=on over the same layers: what is
 * written to the upper, byte for byte, and what is shown, sizes and blocks and numbers included.
 */
@RequiresFuse
@RequiresKernelOverlay
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class MetacopyMountTest {
  /** Every way in which a metacopy comes to be, moves, and gets its data. */
  private static final String CHANGES =
      """
      cd "$1"
      chmod 700 plain; chown 5:6 chowned; touch -h -d 2002-02-02 touched; chmod 711 empty
      setfattr -n user.x -v y d/xattr
      mv renamed renamed_once; mv renamed_once d/renamed_twice; mv d/renamed_twice d/renamed
      chmod 600 changed; mv changed changed_and_renamed
      ln linked linked2; mv several several_renamed; chmod 640 pair; ln pair d/pair3
      : > truncated; chmod 600 cut; truncate -s 0 cut; chmod 600 shorter; truncate -s 5 shorter
      chmod 640 written; echo more >> written; chmod 640 moved; mv moved d/moved
      echo more >> d/moved
      mv dir dir2; chmod 600 dir2/in; mkdir made; mv dir2/in made/out; mv dir2/in2 dir2/in3
      chmod 600 gone; rm gone; chmod 600 victim; mv d/mover victim
      exec 3<late; chmod 600 late; printf L | dd of=late conv=notrunc 2>/dev/null; cat <&3 >seen
      """;

  private static final String UPPER =
      """
      cd "$1"; find . | LC_ALL=C sort | while read -r f; do
        stat -c '%n %F %s %a %u:%g' "$f"; test ! -f "$f" || stat -c '%h links' "$f"
        for x in metacopy redirect origin impure; do
          getfattr -h -e hex -n trusted.overlay.$x "$f" 2>/dev/null | grep = || true
        done
      done
      """;

  /** A file that left its hard links behind has its own number, which depends on the upper. */
  private static final String SHOWN =
      """
      cd "$1"; find . -type f | LC_ALL=C sort | while read -r f; do
        case $f in *pair*|*several*|./made/*|./seen) i=;; *) i=%i;; esac
        stat -c "%n %s %b %a %u:%g %h $i" "$f"; md5sum <"$f"
      done
      """;

  private MountScratch scratch;
  private Path lower;
  private Path target;

  @BeforeEach
  void makeLower(MountScratch place) throws Exception {
    scratch = place;
    lower = place.directory("lower");
    target = place.directory("target");
    Programs.sh(
        """
        cd "$1"; mkdir d dir
        for f in plain chowned touched d/xattr renamed changed linked several pair truncated cut \\
            shorter written moved dir/in dir/in2 gone victim d/mover late; do
          head -c 9000 /dev/urandom >$f
        done
        : >empty; ln several several2; ln pair pair2
        find . -exec touch -h -d '2001-01-01 00:00:01.5' {} +
        """,
        lower);
  }

  private KernelOverlay kernel(String upper) throws Exception {
    return KernelOverlay.mount(
        List.of(lower),
        scratch.directory(upper),
        scratch.directory(upper + "-work"),
        target,
        List.of("metacopy=on", "redirect_dir=on", "index=off", "xino=off"));
  }

  private UnionMount union(String upper) throws Exception {
    return UnionMount.of(
        OverlayOptions.builder()
            .addLower(lower)
            .writable(scratch.directory(upper), scratch.directory(upper + "-work"))
            .index(Index.OFF)
            .build(),
        target);
  }

  @Test
  @SuppressWarnings("try") // mounts are used by being there
  void upper_isTheKernelsByteForByte_andEachReadsTheOthers() throws Exception {
    LowersUnchanged lowers = new LowersUnchanged().watchAll(List.of(lower));
    try (KernelOverlay kernel = kernel("theirs")) {
      Programs.sh(CHANGES, target);
    }
    try (UnionMount union = union("ours")) {
      Programs.sh(CHANGES, target);
    }
    assertThat(Programs.sh(UPPER, scratch.directory("ours")))
        .isEqualTo(Programs.sh(UPPER, scratch.directory("theirs")));
    for (String upper : List.of("theirs", "ours")) {
      String expected;
      try (KernelOverlay kernel = kernel(upper)) {
        expected = Programs.sh(SHOWN, target);
      }
      try (UnionMount union = union(upper)) {
        assertThat(Programs.sh(SHOWN, target)).as("the upper %s", upper).isEqualTo(expected);
      }
    }
    lowers.verify();
  }

  /** fuse-overlayfs copies 256 MiB for it; the kernel with metacopy=off too. */
  @Test
  @SuppressWarnings("try") // mounts are used by being there
  void wholeFileCopyOnChmodAndChown_isNotMade() throws Exception {
    try (var file = new java.io.RandomAccessFile(lower.resolve("huge").toFile(), "rw")) {
      file.setLength(1L << 40);
      file.seek(1L << 39);
      file.write(new byte[1 << 20]);
    }
    try (UnionMount union = union("upper")) {
      String shown =
          Programs.sh(
              """
              cd "$1"; before=$(stat -c '%s %b %i' huge)
              chmod 640 huge; chown 7:8 huge; touch -h -d 2003-03-03 huge; mv huge enormous
              test "$before" = "$(stat -c '%s %b %i' enormous)"
              tail -c +549755813889 enormous | head -c 1048576 | md5sum
              """,
              target);
      assertThat(shown).startsWith("b6d81b360a5672d80c27430f39153e2c");
    }
    Path copy = scratch.directory("upper").resolve("enormous");
    assertThat(Programs.sh("echo $(($(stat -c '%b * %B' \"$1\")))", copy)).isIn("0", "4096");
    assertThat(Files.size(copy)).isEqualTo(1L << 40);
  }

  @Test
  @SuppressWarnings("try") // mounts are used by being there
  @NotOverLibfuse("the protocol that it speaks has no lseek, so nobody sees holes")
  void holesMapsAndCopies_areOfTheDataBelow() throws Exception {
    String program =
        """
        cd "$1"; chmod 640 plain
        exec python3 - <<'E'
        import mmap, os
        with open('sparse', 'rb') as f:
            os.fchmod(f.fileno(), 0o640)
            m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)
            print(os.lseek(f.fileno(), 0, os.SEEK_DATA), os.lseek(f.fileno(), 1 << 20, os.SEEK_HOLE))
            print(m[1 << 20:(1 << 20) + 4])
            with open('copy', 'wb') as to:
                print(os.copy_file_range(f.fileno(), to.fileno(), 4, 1 << 20))
            print(open('copy').read())
            with open('sparse', 'r+b') as w:
                w.seek(1 << 20)
                w.write(b'DATA')
            print(os.pread(f.fileno(), 4, 1 << 20), os.fstat(f.fileno()).st_size)
        E
        """;
    try (var file = new java.io.RandomAccessFile(lower.resolve("sparse").toFile(), "rw")) {
      file.setLength(4 << 20);
      file.seek(1 << 20);
      file.write("data".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    String expected;
    try (KernelOverlay kernel = kernel("theirs")) {
      expected = Programs.sh(program, target);
    }
    try (UnionMount union = union("ours")) {
      assertThat(Programs.sh(program, target)).isEqualTo(expected);
    }
  }

  @Test
  @SuppressWarnings("try") // mounts are used by being there
  void metacopyWithoutRoomForItsData_staysOne() throws Exception {
    Path place = scratch.directory("small");
    Programs.sh(
        "truncate -s 16M \"$1.img\"; mkfs.ext4 -q \"$1.img\"; mount -o loop \"$1.img\" \"$1\"",
        place);
    Files.write(lower.resolve("big"), new byte[3 << 20]);
    try (UnionMount union = union("small/upper")) {
      String printed =
          Programs.sh(
              """
              cd "$1"; chmod 640 big; before=$(stat -c '%y %b' big)
              dd if=/dev/zero of=filler bs=64k 2>/dev/null || truncate -s -1M filler
              if dd if=/dev/zero of=big conv=notrunc count=1 2>/dev/null; then exit 1; fi
              test "$before" = "$(stat -c '%y %b' big)"; cmp -n 3145728 big /dev/zero
              test "$(stat -c %b "$2/big")" -le 8; rm filler
              printf x | dd of=big conv=notrunc 2>/dev/null; head -c 1 "$2/big"
              """,
              target, place.resolve("upper"));
      assertThat(printed).isEqualTo("x");
    }
  }

  /** Each goes on with what the other left: chmod, rename, link, write, again and again. */
  @Test
  @SuppressWarnings("try") // mounts are used by being there
  void upperInTurns_showsTheSameToBoth() throws Exception {
    String upper = "shared";
    String[] rounds = {
      "chmod 600 plain; mv renamed d/r1; ln linked linked2",
      "mv plain d/plain; echo 1 >>d/r1; chmod 640 linked2; mv dir d/dir",
      "mv d d2; ln d2/plain plain2; chmod 600 d2/dir/in2",
      "echo 2 >>linked2; mv d2/dir/in2 in2; chmod 711 d2/plain; rm linked",
      "echo 3 >>plain2; mv in2 d2/in2; truncate -s 0 d2/in2",
    };
    for (int i = 0; i < rounds.length; i++) {
      String shown;
      String script = "cd \"$1\"; " + rounds[i];
      if (i % 2 == 0) {
        try (KernelOverlay kernel = kernel(upper)) {
          Programs.sh(script, target);
          shown = Programs.sh(SHOWN, target);
        }
        try (UnionMount union = union(upper)) {
          assertThat(Programs.sh(SHOWN, target)).as("round %s", i).isEqualTo(shown);
        }
      } else {
        try (UnionMount union = union(upper)) {
          Programs.sh(script, target);
          shown = Programs.sh(SHOWN, target);
        }
        try (KernelOverlay kernel = kernel(upper)) {
          assertThat(shown).as("round %s", i).isEqualTo(Programs.sh(SHOWN, target));
        }
      }
    }
  }
}
