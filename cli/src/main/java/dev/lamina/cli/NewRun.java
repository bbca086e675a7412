package dev.lamina.cli;

import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code run} and {@code bundle} say about the container that they make. */
final class NewRun {
  @Option(names = "--read-only", description = "without a writable layer")
  private boolean readOnly;

  @Option(names = "--name", paramLabel = "NAME", description = "of the container to make")
  private String name;

  @Mixin private PlatformOption platform;

  @Mixin private ProcessOptions process;

  /**
   * All that is known before anything is made.
   *
   * @param container its name
   * @param config {@code config.json}
   */
  record Plan(State state, StoredImage image, String container, boolean readOnly, String config) {
    /** Mounts the container on {@code root} and serves it to its end. */
    void mount(Invocation invocation, Path root, ContainerMount.WhenMounted whenMounted)
        throws IOException, CommandFailure {
      new ContainerMount(state, invocation, image, container, readOnly).run(root, whenMounted);
    }
  }

  boolean wantsTerminal() {
    return process.terminal();
  }

  /** Finds the image, and refuses what cannot be run. */
  Plan plan(Lamina lamina, String imageText, List<String> command)
      throws IOException, CommandFailure {
    process.require();
    State state = lamina.state();
    if (name != null) {
      state.containers().requireFree(name);
    }
    StoredImage image = state.image(imageText, platform.named());
    String container = name == null ? NewContainer.nameFor(image) : name;
    String config =
        Bundles.config(image, process.of(lamina.invocation(), command, readOnly, container));
    return new Plan(state, image, container, readOnly, config);
  }
}
