package dev.lamina.bundle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What every container has around it: the defaults that docker and podman document. */
final class Isolation {
  /** Enough for package managers and daemons that change their user, and no more. */
  private static final List<String> CAPABILITIES =
      List.of(
          "CAP_AUDIT_WRITE",
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_MKNOD",
          "CAP_NET_BIND_SERVICE",
          "CAP_NET_RAW",
          "CAP_SETFCAP",
          "CAP_SETGID",
          "CAP_SETPCAP",
          "CAP_SETUID",
          "CAP_SYS_CHROOT");

  private static final List<String> HIDDEN =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/sys/firmware");

  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private Isolation() {}

  /** Who is not root has none until a program gives him some, but may have all of these. */
  static Map<String, Object> capabilities(boolean root) {
    Map<String, Object> sets = new LinkedHashMap<>();
    sets.put("bounding", CAPABILITIES);
    sets.put("effective", root ? CAPABILITIES : List.of());
    sets.put("permitted", root ? CAPABILITIES : List.of());
    return sets;
  }

  static List<Map<String, Object>> mounts() {
    return List.of(
        mount("/proc", "proc", "nosuid", "noexec", "nodev"),
        mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        mount(
            "/dev/pts",
            "devpts",
            "nosuid",
            "noexec",
            "newinstance",
            "ptmxmode=0666",
            "mode=0620",
            "gid=5"),
        mount("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
        mount("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
        mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro"),
        mount("/sys/fs/cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro"));
  }

  private static Map<String, Object> mount(String place, String type, String... options) {
    Map<String, Object> mount = new LinkedHashMap<>();
    mount.put("destination", place);
    mount.put("type", type);
    mount.put("source", type);
    mount.put("options", List.of(options));
    return mount;
  }

  static Map<String, Object> linux(boolean hostNetwork) {
    List<Map<String, String>> namespaces = new ArrayList<>();
    for (String type : List.of("pid", "ipc", "uts", "mount", "network")) {
      if (!hostNetwork || !type.equals("network")) {
        namespaces.add(Map.of("type", type));
      }
    }
    Map<String, Object> linux = new LinkedHashMap<>();
    // Runtimes add /dev/null and the like.
    linux.put("resources", Map.of("devices", List.of(Map.of("allow", false, "access", "rwm"))));
    linux.put("namespaces", namespaces);
    linux.put("maskedPaths", HIDDEN);
    linux.put("readonlyPaths", READ_ONLY);
    return linux;
  }
}
