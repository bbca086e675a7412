package dev.lamina.cli;

import dev.lamina.image.ImageName;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina untag}: takes names away; the image stays. */
@Command(
    name = "untag",
    mixinStandardHelpOptions = true,
    description = "Take names away from an image, all of them if none are given. The image stays.")
final class UntagCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Parameters(index = "0", paramLabel = "IMAGE", description = "a name, digest or id")
  private String image;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "NAME[:TAG]",
      converter = ImageNameConverter.class,
      description = "names of this image")
  private List<ImageName> names = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    for (ImageName name : lamina.state().store().untag(image, names)) {
      System.out.println("Untagged: " + name);
    }
    return ExitStatus.OK;
  }
}
