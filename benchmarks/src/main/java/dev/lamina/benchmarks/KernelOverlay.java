package dev.lamina.benchmarks;

import dev.lamina.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;

/** Kernel overlayfs with the features that Lamina has on by default. */
final class KernelOverlay implements Contender {
  private static final String TYPE = "overlay";
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
  public Mounted mount(Stack stack) throws IOException {
    String options =
        "lowerdir="
            + stack.lowers().stream().map(Path::toString).collect(Collectors.joining(":"))
            + (",upperdir=" + stack.upper() + ",workdir=" + stack.work() + "," + FEATURES);
    String target = stack.target().toString();
    Mounts.mount(TYPE, target, TYPE, 0, options);
    return () -> Mounts.unmount(target, 0);
  }
}
