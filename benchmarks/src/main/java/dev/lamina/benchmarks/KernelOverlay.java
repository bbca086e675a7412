package dev.lamina.benchmarks;

import dev.lamina.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Kernel overlayfs with the features that Lamina has on by default. */
final class KernelOverlay implements Contender {
  private static final String TYPE = "overlay";
  private static final int LONGEST_OPTIONS = 4000;
  private static final String FEATURES = "redirect_dir=on,metacopy=on,index=on";

  @Override
  public String name() {
    return "kernel";
  }

  @Override
  public Optional<String> absent() {
    try {
      boolean known =
          Files.readAllLines(Path.of("/proc/filesystems")).stream()
              .anyMatch(line -> line.endsWith("\t" + TYPE));
      return known ? Optional.empty() : Optional.of("this kernel has no overlayfs (modprobe it)");
    } catch (IOException e) {
      return Optional.of(e.toString());
    }
  }

  @Override
  public Mounted mount(Stack stack) throws IOException, InterruptedException {
    String above = ",upperdir=" + stack.upper() + ",workdir=" + stack.work() + "," + FEATURES;
    String target = stack.target().toString();
    String lowers = lowers(stack, Path::toString);
    if (lowers.length() + above.length() < LONGEST_OPTIONS) {
      Mounts.mount(TYPE, target, TYPE, 0, lowers + above);
    } else {
      mountByShortNames(stack, above);
    }
    return () -> Mounts.unmount(target, 0);
  }

  /** Options must fit into one page: many layers that lie together are named from there. */
  private static void mountByShortNames(Stack stack, String above)
      throws IOException, InterruptedException {
    Path directory = stack.lowers().get(0).getParent();
    Programs.sh(
        "cd \"$1\" && mount -t overlay -o \"$2\" overlay \"$3\"",
        directory,
        lowers(stack, lower -> directory.relativize(lower).toString()) + above,
        stack.target());
  }

  private static String lowers(Stack stack, Function<Path, String> name) {
    return stack.lowers().stream().map(name).collect(Collectors.joining(":", "lowerdir=", ""));
  }
}
