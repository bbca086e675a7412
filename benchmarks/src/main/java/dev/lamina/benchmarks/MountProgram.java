package dev.lamina.benchmarks;

import dev.lamina.linux.HostLibrary;
import dev.lamina.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A FUSE overlay with fuse-overlayfs's command line: {@code PROGRAM -o OPTIONS TARGET}. */
final class MountProgram implements Contender {
  private final String name;
  private final String program;
  private final List<String> options;
  private final String library;

  /**
   * The program as users run it.
   *
   * @param program a path, or a name to be found by {@code $PATH}
   * @param options in addition to the layers
   * @param library that it needs, such as {@code libfuse.so.2}; null where it needs none
   */
  MountProgram(String name, String program, List<String> options, String library) {
    this.library = library;
    this.name = name;
    this.program = program;
    this.options = List.copyOf(options);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<String> absent() {
    return absent(program)
        .or(
            () ->
                library == null || HostLibrary.isThere(library)
                    ? Optional.empty()
                    : Optional.of(library + " is not installed"));
  }

  /** Why a FUSE program cannot take part; empty where it can. */
  static Optional<String> absent(String program) {
    if (!Files.exists(Path.of("/dev/fuse"))) {
      return Optional.of("no /dev/fuse");
    }
    return Programs.isInstalled(program)
        ? Optional.empty()
        : Optional.of(program + " is not installed");
  }

  @Override
  public Mounted mount(Stack stack) throws IOException, InterruptedException {
    String layers =
        "lowerdir="
            + stack.lowers().stream().map(Path::toString).collect(Collectors.joining(":"))
            + (",upperdir=" + stack.upper() + ",workdir=" + stack.work());
    String all = options.isEmpty() ? layers : layers + "," + String.join(",", options);
    String target = stack.target().toString();
    Programs.run(List.of(program, "-o", all, target));
    return new Mounted() {
      @Override
      public void unmount() throws IOException, InterruptedException {
        Mounts.unmount(target, 0);
        Servers.awaitEnd(stack);
      }

      @Override
      public void discard() throws IOException, InterruptedException {
        Mounts.unmount(target, 0);
        Servers.of(stack).forEach(ProcessHandle::destroyForcibly);
        Servers.awaitEnd(stack);
      }
    };
  }
}
