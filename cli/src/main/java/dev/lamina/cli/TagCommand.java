package dev.lamina.cli;

import dev.lamina.image.ImageName;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina tag}: more names for an image. */
@Command(
    name = "tag",
    mixinStandardHelpOptions = true,
    description = {
      "Give an image of the store more names.",
      "An image that had such a name keeps its others; without any it is listed as <none>."
    })
final class TagCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Parameters(index = "0", paramLabel = "IMAGE", description = "a name, digest or id")
  private String image;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "NAME[:TAG]",
      converter = ImageNameConverter.class,
      description = "new names; the tag is latest where there is none")
  private List<ImageName> names;

  @Override
  public Integer call() throws Exception {
    State state = lamina.state();
    for (ImageName name : names) {
      state.store().tag(image, name);
    }
    return ExitStatus.OK;
  }
}
