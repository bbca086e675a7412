package dev.lamina.cli;

import dev.lamina.image.Platform;
import dev.lamina.store.StoredImage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina create}: a container that is not mounted yet. */
@Command(
    name = "create",
    mixinStandardHelpOptions = true,
    description = {
      "Make a container, a named writable layer on an image, and print its name.",
      "It is mounted with: lamina mount NAME DIR"
    })
final class CreateCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Option(names = "--name", paramLabel = "NAME", description = "default: a new one")
  private String name;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      converter = PlatformConverter.class,
      description = "which image of a multi-platform index (default: this host's)")
  private Platform platform;

  @Parameters(
      paramLabel = "IMAGE",
      description = "a name or id of the store, or whatever lamina unpack takes")
  private String imageText;

  @Override
  public Integer call() throws Exception {
    if (name != null) {
      Containers.requireName(name);
    }
    State state = lamina.state();
    StoredImage image = state.image(imageText, platform == null ? Platform.host() : platform);
    if (name != null && state.containers().find(name).isPresent()) {
      throw new CommandFailure(ExitStatus.FAILED, "there is a container " + name + " already");
    }
    Container container = NewContainer.prepare(state, image, name, false);
    state.containers().save(container);
    System.out.println(container.name());
    return ExitStatus.OK;
  }
}
