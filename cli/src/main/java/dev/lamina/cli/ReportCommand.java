package dev.lamina.cli;

import dev.lamina.inspect.report.ImageReport;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina report}: a page that shows what the layers of an image are made of. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = {
      "Write a page that shows what each layer of an image holds, changes and wastes.",
      "One HTML file that needs nothing else, and no network."
    })
final class ReportCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Mixin private PlatformOption platform;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "where to write the page")
  private Path file;

  @Parameters(paramLabel = "IMAGE", description = PlatformOption.IMAGE)
  private String text;

  @Override
  public Integer call() throws Exception {
    try (ImageVisit visit = platform.visit(lamina);
        OutputFile output = OutputFile.at(file)) {
      String page = report(visit.image(text)).page();
      output.stream().write(page.getBytes(StandardCharsets.UTF_8));
      output.finish();
    }
    return ExitStatus.OK;
  }

  private static ImageReport report(StoredImage image) throws IOException {
    try (StepLine line = new StepLine()) {
      return ImageReport.of(image, line.readingLayers(image.layers().size()));
    }
  }
}
