package dev.lamina.cli.doctor;

import dev.lamina.fuse.FuseMount;
import dev.lamina.fuse.KernelFeatures;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** Makes a union and mounts it, as {@code lamina mount} does, and tries what it is good for. */
final class TrialMount {
  private static final Path URING = Path.of("/sys/module/fuse/parameters/enable_uring");
  private static final byte[] CONTENT = {'d', 'o', 'n', 'e'};

  /**
   * What came of it.
   *
   * @param refusal why there was no mount; empty where there was one
   * @param readOnly whether there was nowhere to write
   * @param features what the kernel agreed to
   * @param passesThrough whether the kernel read a file without asking the server
   * @param uring what the kernel's switch for FUSE over io_uring says; empty where it has none
   */
  record Facts(
      Optional<String> refusal,
      boolean readOnly,
      Optional<KernelFeatures> features,
      boolean passesThrough,
      Optional<Boolean> uring) {}

  private TrialMount() {}

  /**
   * Tries it in {@code scratch}, an empty directory.
   *
   * @param writable false where its filesystem can have no writable layer
   */
  static Facts gather(Path scratch, boolean writable) {
    try {
      return mount(Files.createDirectory(scratch.resolve("trial")), writable);
    } catch (IOException e) {
      String reason = e.getMessage() == null ? e.toString() : e.getMessage();
      return new Facts(Optional.of(reason), !writable, Optional.empty(), false, uring());
    }
  }

  private static Facts mount(Path place, boolean writable) throws IOException {
    Path lower = Files.createDirectory(place.resolve("lower"));
    Files.write(lower.resolve("below"), CONTENT);
    OverlayOptions.Builder options = OverlayOptions.builder().addLower(lower);
    if (writable) {
      options.writable(
          Files.createDirectory(place.resolve("upper")),
          Files.createDirectory(place.resolve("work")));
    }
    Path mountPoint = Files.createDirectory(place.resolve("merged"));
    try (Overlay overlay = Overlay.open(options.build());
        FuseMount mount = FuseMount.of(overlay.inodes()).on(mountPoint).mount()) {
      boolean passesThrough = use(mount, mountPoint, writable);
      return new Facts(
          Optional.empty(), !writable, Optional.of(mount.kernelFeatures()), passesThrough, uring());
    }
  }

  /** Writes and reads; whether the server was not asked for the data. */
  private static boolean use(FuseMount mount, Path mountPoint, boolean writable)
      throws IOException {
    Path file = mountPoint.resolve("below");
    if (writable) {
      Files.delete(file);
      file = Files.write(mountPoint.resolve("above"), CONTENT);
    }
    if (!Arrays.equals(Files.readAllBytes(file), CONTENT)) {
      throw new IOException("what was written into a mount was not what was read from it");
    }
    Map<String, Long> requests = mount.requests();
    return !requests.containsKey("READ") && !requests.containsKey("WRITE");
  }

  private static Optional<Boolean> uring() {
    try {
      return Optional.of(Files.readString(URING).startsWith("Y"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static Section judge(Facts facts) {
    Section section = Section.ofMounting("A mount, tried");
    if (facts.refusal().isPresent()) {
      return section.problem(
          "mount",
          facts.refusal().get(),
          "nothing can be mounted; looking into images works",
          "see the other problems; lamina ls, cat, export and diff need no mount");
    }
    KernelFeatures features = facts.features().orElseThrow();
    section.ok(
        "mount",
        facts.readOnly() ? "mounted and read" : "mounted, written and read",
        "FUSE protocol 7." + features.minor());
    passthrough(section, facts, features);
    uring(section, facts, features);
    if (features.idmapped()) {
      section.ok("idmapped mounts", "agreed", "binds of a mount may show other owners");
    } else {
      section.note(
          "idmapped mounts",
          "not in this kernel (Linux 6.12)",
          "other owners take a mount of their own",
          "-o uidmapping=..., gidmapping=...");
    }
    return section;
  }

  private static void passthrough(Section section, Facts facts, KernelFeatures features) {
    if (facts.passesThrough()) {
      section.ok("passthrough", "in use", "the kernel reads and writes files at native speed");
    } else if (features.passthrough()) {
      section.note(
          "passthrough",
          "in the kernel, but not for this process or filesystem",
          "each read and write of what is not cached is a request: small writes cost six times as"
              + " much",
          "root (CAP_SYS_ADMIN), and layers on no other union; -o writeback=on makes small writes"
              + " cheap");
    } else {
      section.note(
          "passthrough",
          "not in this kernel (Linux 6.9)",
          "each read and write of what is not cached is a request: small writes cost six times as"
              + " much",
          "-o writeback=on makes small writes cheap");
    }
  }

  private static void uring(Section section, Facts facts, KernelFeatures features) {
    if (features.ioUring()) {
      section.ok("io_uring", "in use", "requests are served on the CPU they come from");
    } else if (facts.uring().isEmpty()) {
      section.note(
          "io_uring",
          "not in this kernel (Linux 6.14)",
          "a request takes up to twice as long: a server on another CPU has to be woken");
    } else if (!facts.uring().get()) {
      section.note(
          "io_uring",
          "switched off in the kernel",
          "a request takes up to twice as long: a server on another CPU has to be woken",
          "-o io_uring=on as root, or: echo Y >" + URING);
    } else {
      section.note(
          "io_uring",
          "switched on, but this process gets no ring",
          "a request takes up to twice as long: a server on another CPU has to be woken",
          "sysctl kernel.io_uring_disabled=0, or a seccomp profile that allows io_uring");
    }
  }
}
