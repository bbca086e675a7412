package dev.lamina.benchmarks.report;

import dev.lamina.benchmarks.Programs;
import dev.lamina.linux.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What figures depend on.
 *
 * @param made when, in UTC (ISO 8601)
 * @param lamina its version
 * @param kernel its release
 * @param cpu the processors' name and number
 * @param virtual whether the processors say that they are a virtual machine's
 * @param memory bytes
 * @param fileSystem type and options of the one that was worked on
 * @param java the runtime's version
 * @param load of the last minute before the start (getloadavg(3))
 * @param programs versions of the other systems
 */
public record HostFacts(
    String made,
    String lamina,
    String kernel,
    String cpu,
    boolean virtual,
    long memory,
    String fileSystem,
    String java,
    double load,
    Map<String, String> programs) {

  /**
   * Those of this host, now.
   *
   * @param place where is worked
   * @param systems which are compared
   */
  public static HostFacts of(Path place, String lamina, List<String> systems)
      throws IOException, InterruptedException {
    Map<String, String> programs = new LinkedHashMap<>();
    addVersion(programs, systems, "fuse-overlayfs", "fuse-overlayfs");
    addVersion(programs, systems, "unionfs-fuse", "unionfs");
    return new HostFacts(
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        lamina,
        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
        field("/proc/cpuinfo", "model name").orElse("unknown")
            + " x "
            + Runtime.getRuntime().availableProcessors(),
        field("/proc/cpuinfo", "flags").orElse("").contains(" hypervisor"),
        Long.parseLong(field("/proc/meminfo", "MemTotal").orElse("0").replaceAll("\\D", "")) << 10,
        fileSystem(place),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]),
        programs);
  }

  private static void addVersion(
      Map<String, String> programs, List<String> systems, String system, String program)
      throws IOException, InterruptedException {
    if (systems.contains(system)) {
      // Both print more than their own version, and to either stream.
      String said = Programs.output("\"$1\" --version 2>&1 || true", program);
      said.lines()
          .filter(line -> line.toLowerCase(Locale.ROOT).contains(program))
          .findFirst()
          .ifPresent(line -> programs.put(system, line.replaceFirst("^[^:]*: *", "").strip()));
    }
  }

  private static Optional<String> field(String file, String name) throws IOException {
    return Files.readAllLines(Path.of(file)).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst();
  }

  private static String fileSystem(Path place) throws IOException {
    return MountTable.containing(place)
        .map(entry -> entry.type() + " (" + entry.options() + ")")
        .orElse("unknown");
  }
}
