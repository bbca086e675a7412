package dev.lamina.cli;

import dev.lamina.store.ImageHold;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Mixin private PlatformOption platform;

  @Parameters(
      paramLabel = "IMAGE",
      description = "a name or id of the store, or whatever lamina unpack takes")
  private String imageText;

  @Override
  public Integer call() throws Exception {
    State state = lamina.state();
    if (name != null) {
      state.containers().requireFree(name);
    }
    StoredImage image = state.image(imageText, platform.named());
    System.out.println(make(state, image).name());
    return ExitStatus.OK;
  }

  /** The image may be removed until the container's record is there. */
  @SuppressWarnings("try") // held by being there
  private Container make(State state, StoredImage image) throws IOException, CommandFailure {
    try (ImageHold hold = state.store().hold(image);
        NewContainer made = NewContainer.prepare(state, image, name, false)) {
      state.containers().save(made.container());
      return made.container();
    }
  }
}
