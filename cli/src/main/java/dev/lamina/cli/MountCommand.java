package dev.lamina.cli;

import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina mount}: an image under a writable layer, served until it is unmounted. */
@Command(
    name = "mount",
    mixinStandardHelpOptions = true,
    description = {
      "Mount an image on a directory and print the container's name.",
      "Changes go to the container's own writable layer and are there again at its next mount."
    })
final class MountCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Option(names = "--read-only", description = "without a writable layer")
  private boolean readOnly;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "the container to make or to mount again (default: a new one)")
  private String name;

  @Mixin private PlatformOption platform;

  @Option(
      names = "-o",
      paramLabel = "OPTIONS",
      description =
          "for this mount: io_uring=auto|on|off, passthrough=auto|all|off, writeback=on|off,"
              + " transport=kernel|libfuse,"
              + " uidmapping=, gidmapping=STORED:SHOWN:COUNT[:...], squash_to_root,"
              + " squash_to_uid=, squash_to_gid=; may be given several times")
  private List<String> optionStrings = new ArrayList<>();

  /** For the launcher, which asks a daemon before this process would start. */
  @Option(
      names = "--daemon",
      paramLabel = "auto|on|off",
      description =
          "serve from a running daemon (auto, the default; $$LAMINA_DAEMON), start one where there"
              + " is none (on), or from a process of its own (off)")
  private String daemonUse = "auto";

  @Parameters(
      index = "0",
      paramLabel = "IMAGE|NAME",
      description =
          "a name or id of the store, or whatever lamina unpack takes; else a container's name")
  private String imageText;

  @Parameters(index = "1", paramLabel = "DIR", description = "the directory to mount on")
  private Path directory;

  private final OwnerArguments owners = new OwnerArguments();
  private final ServingOptions serving = new ServingOptions();

  @Override
  public Integer call() throws Exception {
    if (name != null) {
      Containers.requireName(name);
    }
    readOptions();
    Invocation invocation = lamina.invocation();
    MountPoints.requireUsable(invocation, directory);
    State state = lamina.state();
    StoredImage image;
    Optional<Container> named = containerMeant(state);
    if (named.isPresent()) {
      name = imageText;
      readOnly |= named.get().readOnly();
      image = state.imageOf(named.get());
    } else if (invocation.isShared() && state.storedImage(imageText).isEmpty()) {
      return invocation.decline("the image is not in the store yet");
    } else {
      image = state.image(imageText, platform.named());
    }
    new ContainerMount(state, invocation, image, name, readOnly)
        .owners(owners.ownership())
        .serving(serving)
        .run(
            invocation.path(directory), (container, mount) -> System.out.println(container.name()));
    return ExitStatus.OK;
  }

  /** The container that stands in the place of an image, where no image is called so. */
  private Optional<Container> containerMeant(State state) throws IOException {
    return name == null && state.storedImage(imageText).isEmpty()
        ? state.containers().find(imageText)
        : Optional.empty();
  }

  private void readOptions() throws CommandFailure {
    DaemonUse.require("--daemon", daemonUse);
    DaemonUse.require(lamina.invocation());
    for (String options : optionStrings) {
      for (OverlayArguments.Option option : OverlayArguments.parse(options)) {
        if (option.name().equals("xattr_permissions")
            || !(owners.take(option) || serving.take(option))) {
          throw new CommandFailure(
              ExitStatus.USAGE, "-o " + option.name() + " is no option of lamina mount");
        }
      }
    }
    serving.requirePossible();
  }
}
