package dev.lamina.cli.doctor;

import dev.lamina.linux.Errno;
import java.nio.file.Path;
import java.util.Locale;

/** What a directory's filesystem is good for, as a place of writable layers. */
final class FilesystemCheck {
  private static final long LITTLE_SPACE = 1L << 30;
  private static final long FEW_INODES = 20_000;
  private static final long NAME_MAX = 255;

  private FilesystemCheck() {}

  /**
   * The verdict.
   *
   * @param hostRoot whether this process keeps its marks in {@code trusted.*}
   */
  static Section judge(Path directory, FilesystemFacts facts, boolean hostRoot) {
    // A problem, and none of mounts: those without a writable layer need nothing of this place.
    Section section = Section.of("Filesystem of " + directory);
    if (facts.errnoOfScratch() != 0) {
      section.problem(
          "writable",
          facts.type() + ": nothing can be made: " + Errno.describe(facts.errnoOfScratch()),
          "no writable layer can lie here; images can be mounted --read-only",
          "lamina doctor DIR, with a directory of your own on another filesystem");
      return section;
    }
    kind(section, facts);
    if (facts.whiteouts()) {
      section.ok("whiteouts", "character devices 0:0 can be made", "lower files can be deleted");
    } else {
      section.problem(
          "whiteouts",
          "character devices 0:0 cannot be made",
          "no writable layer can lie here",
          elsewhere());
    }
    if (facts.exchange()) {
      section.ok(
          "atomic renames", "RENAME_EXCHANGE, RENAME_NOREPLACE", "a crash leaves old or new");
    } else {
      section.problem(
          "atomic renames",
          "no RENAME_EXCHANGE or RENAME_NOREPLACE",
          "no writable layer can lie here",
          elsewhere());
    }
    renames(section, facts);
    xattrs(section, facts, hostRoot);
    data(section, facts);
    handles(section, facts, hostRoot);
    space(section, facts);
    return section;
  }

  private static String elsewhere() {
    return "lamina --root DIR, or LAMINA_ROOT, on ext4, xfs or btrfs";
  }

  private static void kind(Section section, FilesystemFacts facts) {
    String type = facts.type();
    if (type.equals("tmpfs") || type.equals("ramfs")) {
      section.note(
          "filesystem",
          type,
          "what is written takes memory, and is gone when the host restarts",
          elsewhere());
    } else if (type.equals("overlay") || type.startsWith("fuse")) {
      section.note(
          "filesystem",
          type,
          "a union on a union: each file passes two of them, none through the kernel alone",
          "a volume: podman run -v NAME:/var/lib/lamina");
    } else if (type.startsWith("nfs") || type.equals("cifs") || type.equals("9p")) {
      section.note(
          "filesystem",
          type + ", of another host",
          "nobody else may change the layers meanwhile; file locks and renames cost round trips",
          elsewhere());
    } else {
      section.ok("filesystem", type, "of this host");
    }
  }

  private static void renames(Section section, FilesystemFacts facts) {
    if (facts.renameWhiteout()) {
      section.ok("whiteout renames", "RENAME_WHITEOUT", "lower files are renamed in one step");
    } else {
      section.note(
          "whiteout renames",
          "no RENAME_WHITEOUT",
          "renaming what a lower layer has is EXDEV: mv copies it, other programs may fail",
          elsewhere());
    }
  }

  private static void xattrs(Section section, FilesystemFacts facts, boolean hostRoot) {
    if (hostRoot && facts.trustedXattrs()) {
      section.ok(
          "xattrs",
          "trusted.*" + (facts.userXattrs() ? " and user.*" : ""),
          "directories of lowers are renamed in one step, and chmod of a large file copies no data");
    } else if (facts.userXattrs()) {
      section.note(
          "xattrs",
          "user.* alone",
          "marks are in user.overlay.*, as with the kernel's userxattr: no redirects, no metacopies",
          "root keeps them in trusted.*, on filesystems that have that");
    } else {
      section.note(
          "xattrs",
          "none",
          "xattrs of lowers are left out, capabilities of programs too; some directory changes fail"
              + " (EIO); ordinary users cannot keep owners",
          elsewhere());
    }
  }

  private static void data(Section section, FilesystemFacts facts) {
    if (facts.reflink()) {
      section.ok("reflink", "FICLONE", "a large file is copied up in constant time, and no space");
    } else {
      section.note(
          "reflink",
          "no FICLONE",
          "a large file is copied up block by block as it is written, the rest in the background",
          "mkfs.xfs or mkfs.btrfs for the place of writable layers");
    }
    if (facts.holes()) {
      section.ok("holes", "can be made and found", "sparse files stay sparse when copied up");
    } else {
      section.note(
          "holes",
          "cannot be made or found",
          "sparse files are written out in full when copied up");
    }
    if (facts.unnamedFiles()) {
      section.ok("O_TMPFILE", "works", "programs may make files without a name");
    } else {
      section.note(
          "O_TMPFILE", "not supported", "programs that ask for it make a named file instead");
    }
    if (facts.types()) {
      section.ok("d_type", "listings tell types", "listings need no further question per name");
    } else {
      section.note(
          "d_type",
          "listings do not tell types",
          "each name of a listing costs a stat",
          "mkfs.xfs -n ftype=1");
    }
  }

  private static void handles(Section section, FilesystemFacts facts, boolean hostRoot) {
    if (facts.handles()) {
      section.ok("file handles", "can be opened", "index=on: hard links of lowers stay together");
    } else if (hostRoot) {
      section.note(
          "file handles",
          "cannot be opened",
          "index=off: hard links of a lower part when one of them is changed; inode numbers of"
              + " copied files change at a remount",
          "a filesystem with file handles, and CAP_DAC_READ_SEARCH");
    } else {
      section.note(
          "file handles",
          "may not be opened by this user",
          "index=off: hard links of a lower part when one of them is changed",
          "root, or CAP_DAC_READ_SEARCH");
    }
    facts
        .projectId()
        .filter(id -> id != 0)
        .ifPresent(
            id ->
                section.note(
                    "project quota",
                    "project " + id,
                    "what is written counts there; a full project is EDQUOT; upper and work"
                        + " directory have to be of one project"));
    if (facts.nameLength() < NAME_MAX) {
      section.note(
          "name length",
          "names of up to " + facts.nameLength() + " bytes",
          "images may have names of 255, which cannot be unpacked or written here",
          elsewhere());
    }
  }

  private static void space(Section section, FilesystemFacts facts) {
    String free =
        String.format(Locale.ROOT, "%.1f GiB free", facts.freeBytes() / (double) (1L << 30));
    boolean fewInodes = facts.freeInodes().map(count -> count < FEW_INODES).orElse(false);
    if (facts.freeBytes() < LITTLE_SPACE || fewInodes) {
      section.note(
          "space",
          free + facts.freeInodes().map(count -> ", " + count + " inodes").orElse(""),
          "an image takes some hundred MiB and ten thousands of inodes",
          "lamina gc, or lamina system df to see what takes it");
    } else {
      section.ok("space", free, "an image takes some hundred MiB");
    }
  }
}
