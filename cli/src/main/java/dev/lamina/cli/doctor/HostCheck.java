package dev.lamina.cli.doctor;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.GzipInflater;
import dev.lamina.linux.HostLibrary;
import dev.lamina.linux.ProcessLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Kernel, Java, libraries, and how much of the host this process may have. */
final class HostCheck {
  /** Directories that a mount may hold open, and some for programs' files. */
  private static final long FEW_DESCRIPTORS = 4096;

  /** Two servers and an unpack. */
  private static final long LITTLE_MEMORY = 256L << 20;

  private static final long NO_LIMIT = Long.MAX_VALUE;

  /**
   * What is the case.
   *
   * @param container what this process is in, if it is in one
   * @param memory bytes that are left to this process
   * @param inflater whether ISA-L works, and whether it is the host's
   */
  record Facts(
      String kernel,
      Optional<String> container,
      String java,
      String javaHome,
      boolean inflater,
      boolean hostInflater,
      boolean libfuse2,
      long softDescriptors,
      long hardDescriptors,
      long memory) {}

  private HostCheck() {}

  static Facts gather() throws ErrnoException {
    ProcessLimits.Descriptors limits = ProcessLimits.descriptors();
    return new Facts(
        System.getProperty("os.version"),
        container(),
        System.getProperty("java.version"),
        System.getProperty("java.home"),
        GzipInflater.isAvailable(),
        HostLibrary.isThere("libisal.so.2"),
        HostLibrary.isThere("libfuse.so.2"),
        limits.soft(),
        limits.hard(),
        Math.min(availableMemory(), memoryOfControlGroup()));
  }

  /** As podman, docker and systemd-nspawn tell it. */
  private static Optional<String> container() {
    if (Files.exists(Path.of("/run/.containerenv"))) {
      return Optional.of("podman");
    }
    if (Files.exists(Path.of("/.dockerenv"))) {
      return Optional.of("docker");
    }
    return Optional.ofNullable(System.getenv("container")).filter(name -> !name.isEmpty());
  }

  private static long availableMemory() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith("MemAvailable:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
        }
      }
    } catch (IOException e) {
      // Not told: nothing to say.
    }
    return NO_LIMIT;
  }

  /** cgroups(7), version 2, as a container sees its own. */
  private static long memoryOfControlGroup() {
    try {
      Path group = Path.of("/sys/fs/cgroup");
      String limit = Files.readString(group.resolve("memory.max")).strip();
      String used = Files.readString(group.resolve("memory.current")).strip();
      return limit.equals("max") ? NO_LIMIT : Long.parseLong(limit) - Long.parseLong(used);
    } catch (IOException e) {
      return NO_LIMIT;
    }
  }

  static Section judge(Facts facts) {
    Section section = Section.of("Host");
    section.ok(
        "kernel",
        "Linux " + facts.kernel() + facts.container().map(" in a container of "::concat).orElse(""),
        "5.4 is the oldest that will do; what newer ones gain is said below");
    section.ok("java", facts.java() + " (" + facts.javaHome() + ")", "17 or newer is needed");
    inflater(section, facts);
    if (facts.libfuse2()) {
      section.ok("libfuse2", "libfuse.so.2 is there", "only transport=libfuse needs it");
    } else {
      section.ok("libfuse2", "no libfuse.so.2", "nothing but transport=libfuse needs it");
    }
    descriptors(section, facts);
    memory(section, facts);
    return section;
  }

  private static void inflater(Section section, Facts facts) {
    if (facts.inflater()) {
      section.ok(
          "isal",
          facts.hostInflater() ? "libisal.so.2 is there" : "ISA-L comes with Lamina",
          "gzip layers are inflated more than twice as fast as with zlib");
    } else {
      section.note(
          "isal",
          "no libisal.so.2",
          "gzip layers take more than twice the time to inflate",
          "apt-get install libisal2");
    }
  }

  private static void descriptors(Section section, Facts facts) {
    boolean unlimited = facts.hardDescriptors() < 0;
    if (!unlimited && facts.hardDescriptors() < FEW_DESCRIPTORS) {
      section.note(
          "descriptors",
          "no more than " + facts.hardDescriptors() + " for one server",
          "programs that keep more files open in one mount get \"too many open files\"; up to 1024"
              + " directories are kept open besides",
          "ulimit -Hn 1048576, or LimitNOFILE=1048576 in a systemd unit");
    } else {
      section.ok(
          "descriptors",
          facts.softDescriptors()
              + " for one server, which raises that to "
              + (unlimited ? "any number" : facts.hardDescriptors()),
          "it holds one for each file that programs have open, and up to 1024 for directories");
    }
  }

  private static void memory(Section section, Facts facts) {
    long megabytes = facts.memory() >> 20;
    if (facts.memory() == NO_LIMIT) {
      return;
    }
    if (facts.memory() < LITTLE_MEMORY) {
      section.note(
          "memory",
          megabytes + " MiB are left",
          "a mount with a server of its own takes 50 to 70 MiB",
          "lamina daemon, which serves all mounts and takes 0.5 MiB for each more");
    } else {
      section.ok(
          "memory",
          megabytes + " MiB are left",
          "a mount takes 50 to 70 MiB, or 0.5 MiB of lamina daemon");
    }
  }
}
