package dev.lamina.benchmarks;

import dev.lamina.linux.Mounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** unionfs-fuse, whose branches stand beside its options. */
final class UnionfsFuse implements Contender {
  private static final String PROGRAM = "unionfs";

  @Override
  public String name() {
    return "unionfs-fuse";
  }

  @Override
  public Optional<String> absent() {
    return MountProgram.absent(PROGRAM);
  }

  @Override
  public Mounted mount(Stack stack) throws IOException, InterruptedException {
    String target = stack.target().toString();
    String branches =
        stack.upper()
            + "=RW:"
            + stack.lowers().stream().map(Path::toString).collect(Collectors.joining("=RO:"))
            + "=RO";
    Programs.run(
        List.of(
            PROGRAM, "-o", "cow,allow_other,use_ino,suid,dev,hide_meta_files", branches, target));
    return () -> {
      Mounts.unmount(target, 0);
      Servers.awaitEnd(stack);
    };
  }
}
