package dev.lamina.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The systems by name. */
public final class Contenders {
  /** Those that are compared where nobody asks for others. */
  public static final List<String> USUAL =
      List.of(
          "kernel",
          "plain",
          "fuse-overlayfs",
          "unionfs-fuse",
          "lamina",
          "lamina:io_uring=on",
          "lamina:passthrough=off",
          "lamina:transport=libfuse");

  /** The same where a tree is too large to be copied, or for programs that keep no directories. */
  public static final List<String> OF_LARGE =
      List.of("kernel", "fuse-overlayfs", "lamina", "lamina:io_uring=on", "lamina:passthrough=off");

  private static final String LIBFUSE = "transport=libfuse";
  private static final String LAMINA = "lamina";

  private Contenders() {}

  /**
   * A system.
   *
   * @param name {@code plain} (a copy of the merged tree), {@code kernel}, {@code fuse-overlayfs},
   *     {@code unionfs-fuse} or {@code lamina}, the last with mount options of its own: {@code
   *     lamina:OPTION=VALUE:...}
   * @param lamina the program that mounts Lamina as fuse-overlayfs is mounted
   * @throws IllegalArgumentException for a name that is not known; the message is for the user
   */
  public static Contender of(String name, String lamina) {
    List<String> parts = Arrays.asList(name.split(":"));
    List<String> options = parts.subList(1, parts.size());
    if (!parts.get(0).equals(LAMINA) && !options.isEmpty()) {
      throw new IllegalArgumentException(name + ": only lamina takes options");
    }
    return switch (parts.get(0)) {
      case "plain" -> new PlainDirectory(new KernelOverlay());
      case "kernel" -> new KernelOverlay();
      case "fuse-overlayfs" -> new MountProgram(name, name, List.of(), null);
      case "unionfs-fuse" -> new UnionfsFuse();
      case LAMINA ->
          new MountProgram(
              name,
              lamina,
              withoutIoUring(options),
              options.contains(LIBFUSE) ? "libfuse.so.2" : null);
      default ->
          throw new IllegalArgumentException(
              name
                  + ": no such system; there are plain, kernel, fuse-overlayfs, unionfs-fuse and lamina");
    };
  }

  /** What {@code auto} means depends on what ran before: io_uring stays enabled meanwhile. */
  private static List<String> withoutIoUring(List<String> options) {
    if (options.stream().anyMatch(option -> option.startsWith("io_uring="))) {
      return options;
    }
    List<String> all = new ArrayList<>(options);
    if (!options.contains(LIBFUSE)) {
      all.add("io_uring=off");
    }
    return all;
  }
}
