package dev.lamina.linux;

import java.util.Locale;

/**
 * What differs between processor architectures: some open flags and system call numbers. Struct
 * layouts do not: Lamina uses {@code statx}, {@code statfs} and {@code getdents64}, which are alike
 * on all 64-bit little-endian ones.
 *
 * <p>Source: the kernel's uapi headers ({@code asm/fcntl.h}, {@code asm/unistd_64.h}, {@code
 * asm-generic/unistd.h}).
 */
enum Arch {
  X86_64(0x4000, 0x10000, 0x20000, 326, 251),
  AARCH64(0x10000, 0x4000, 0x8000, 285, 30);

  private static final Arch CURRENT = of(System.getProperty("os.arch"));

  final int oDirect;
  final int oDirectory;
  final int oNofollow;
  final int sysCopyFileRange;
  final int sysIoprioSet;

  Arch(int oDirect, int oDirectory, int oNofollow, int sysCopyFileRange, int sysIoprioSet) {
    this.oDirect = oDirect;
    this.oDirectory = oDirectory;
    this.oNofollow = oNofollow;
    this.sysCopyFileRange = sysCopyFileRange;
    this.sysIoprioSet = sysIoprioSet;
  }

  static Arch current() {
    return CURRENT;
  }

  static Arch of(String osArch) {
    return switch (osArch.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> X86_64;
      case "aarch64", "arm64" -> AARCH64;
      default -> throw new UnsupportedOperationException("no system call table for " + osArch);
    };
  }

  /** System call numbers above 423 are the same everywhere (asm-generic/unistd.h). */
  static final int SYS_IO_URING_SETUP = 425;

  static final int SYS_IO_URING_ENTER = 426;
  static final int SYS_IO_URING_REGISTER = 427;
  static final int SYS_OPEN_TREE = 428;
  static final int SYS_OPENAT2 = 437;
  static final int SYS_MOUNT_SETATTR = 442;
  static final int SYS_FCHMODAT2 = 452;
  static final int SYS_SETXATTRAT = 463;
  static final int SYS_GETXATTRAT = 464;
  static final int SYS_LISTXATTRAT = 465;
  static final int SYS_REMOVEXATTRAT = 466;
}
