package dev.lamina.cli;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.store.ImageHold;
import dev.lamina.store.StoredImage;
import java.io.Closeable;
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
  private boolean recorded;

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
    // Until the container's record is there, nothing else tells that somebody needs the image.
    try (ImageHold hold = state.store().hold(image)) {
      mount(state, image, hold);
    }
    return ExitStatus.OK;
  }

  private void mount(State state, StoredImage image, ImageHold hold)
      throws IOException, CommandFailure {
    if (name != null && state.containers().find(name).isPresent()) {
      Container container = reuse(state, image);
      try {
        serve(state, image, container, hold);
      } finally {
        end(state, container, false);
      }
      return;
    }
    try (NewContainer made = NewContainer.prepare(state, image, name, readOnly)) {
      try {
        serve(state, image, made.container(), both(hold, made));
      } finally {
        end(state, made.container(), true);
      }
    }
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
  }

  private Container reuse(State state, StoredImage image) throws IOException, CommandFailure {
    Container container = state.containers().find(name).orElseThrow();
    if (!container.image().equals(image.id().toString())) {
      throw new CommandFailure(
          ExitStatus.FAILED,
          "container " + name + " stands on image " + container.image() + ", not " + image.id());
    }
    if (readOnly != container.readOnly()) {
      throw new CommandFailure(
          ExitStatus.FAILED, "container " + name + (readOnly ? " is writable" : " is read-only"));
    }
    return container;
  }

  private static Closeable both(Closeable one, Closeable other) {
    return () -> {
      one.close();
      other.close();
    };
  }

  /**
   * Serves until the end.
   *
   * @param held what nobody needs any more once the container's record is there
   */
  private void serve(State state, StoredImage image, Container container, Closeable held)
      throws IOException, CommandFailure {
    Containers containers = state.containers();
    OverlayOptions options = Stacks.of(state, image, container, owners.ownership());
    Invocation invocation = lamina.invocation();
    MountServer server =
        new MountServer(options, invocation.path(directory), container.mountSource());
    server.serving(serving);
    server.run(
        invocation,
        Optional.of(containers.log(container.name())),
        mount -> {
          String where = mount.mountPoint().toString();
          containers.save(
              container.mountedOn(where, ProcessHandle.current().pid(), invocation.isShared()));
          recorded = true;
          held.close();
          System.out.println(container.name());
        });
  }

  /** A container that was never mounted leaves nothing; a read-only one ends with its mount. */
  private void end(State state, Container container, boolean isNew) throws IOException {
    // Set where a signal ended the mount: it would fail the writing of the record.
    boolean interrupted = Thread.interrupted();
    Containers containers = state.containers();
    boolean mounted = containers.find(container.name()).isPresent();
    if (isNew && !recorded && !mounted) {
      dropUnserved(containers, container.name());
    } else if (recorded) {
      Container now = containers.find(container.name()).orElse(container);
      if (now.server() == ProcessHandle.current().pid()) {
        if (container.readOnly()) {
          containers.remove(container.name());
        } else {
          containers.save(now.unmounted());
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Nobody else makes one of that name meanwhile, but what is served is left alone. */
  private static void dropUnserved(Containers containers, String name) throws IOException {
    try {
      containers.removeUnused(name);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EBUSY) {
        throw e;
      }
    }
  }
}
