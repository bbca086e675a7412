package dev.lamina.cli;

import dev.lamina.inspect.MergedTree;
import dev.lamina.inspect.TreeExport;
import dev.lamina.linux.Terminals;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina export}: an image's merged tree as one tar archive. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = "Write all that an image shows as one tar archive, its layers flattened.")
final class ExportCommand implements Callable<Integer> {
  private static final int STANDARD_OUTPUT = 1;

  @ParentCommand private Lamina lamina;

  @Mixin private PlatformOption platform;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "where to write (default: standard output)")
  private Path file;

  @Parameters(paramLabel = "IMAGE", description = PlatformOption.IMAGE)
  private String text;

  @Override
  public Integer call() throws Exception {
    if (file == null && Terminals.isTerminal(STANDARD_OUTPUT)) {
      throw new CommandFailure(
          ExitStatus.USAGE, "an archive is not for a terminal; use -o, or redirect the output");
    }
    try (ImageVisit visit = platform.visit(lamina);
        MergedTree tree = MergedTree.open(visit.image(text))) {
      if (file == null) {
        write(tree, StandardOutput.open());
      } else {
        try (OutputFile output = OutputFile.at(file)) {
          write(tree, output.stream());
          output.finish();
        }
      }
    }
    return ExitStatus.OK;
  }

  private static void write(MergedTree tree, OutputStream out) throws Exception {
    try (ExportProgress progress = ExportProgress.onStandardError()) {
      TreeExport.write(tree, out, progress);
      progress.done();
    }
  }
}
