package dev.lamina.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** No union at all: the merged tree, copied into a directory. What is left is the filesystem. */
final class PlainDirectory implements Contender {
  private final Contender source;

  /** {@code source} shows what is to be copied. */
  PlainDirectory(Contender source) {
    this.source = source;
  }

  @Override
  public String name() {
    return "plain";
  }

  @Override
  public Optional<String> absent() {
    return source.absent();
  }

  @Override
  public Mounted mount(Stack stack) throws IOException, InterruptedException {
    Path parent = stack.target().getParent();
    Path merged = Scratch.directory(parent.resolve("plain-merged"));
    Stack elsewhere =
        new Stack(
            stack.lowers(),
            Scratch.directory(parent.resolve("plain-upper")),
            Scratch.directory(parent.resolve("plain-work")),
            merged);
    Mounted shown = source.mount(elsewhere);
    try {
      Programs.run(List.of("cp", "-a", merged + "/.", stack.target().toString()));
    } finally {
      shown.unmount();
    }
    return () -> Scratch.empty(stack.target());
  }
}
