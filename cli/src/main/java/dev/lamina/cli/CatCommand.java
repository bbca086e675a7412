package dev.lamina.cli;

import dev.lamina.inspect.MergedTree;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina cat}: files of an image. */
@Command(
    name = "cat",
    mixinStandardHelpOptions = true,
    description = "Write files of an image to standard output, without a mount.")
final class CatCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Mixin private PlatformOption platform;

  @Parameters(index = "0", paramLabel = "IMAGE", description = PlatformOption.IMAGE)
  private String text;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "PATH",
      description = "links are followed inside the image")
  private List<String> paths = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    try (ImageVisit visit = platform.visit(lamina);
        MergedTree tree = MergedTree.open(visit.image(text));
        OutputStream out = StandardOutput.open()) {
      for (String path : paths) {
        tree.copy(ArgumentBytes.of(path), out);
      }
    }
    return ExitStatus.OK;
  }
}
