package dev.lamina.cli;

import dev.lamina.commit.ConfigChanges;
import dev.lamina.commit.ContainerCommit;
import dev.lamina.image.ImageName;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.store.ProgressListener;
import dev.lamina.store.StoredImage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina commit}: a new image of what a container changed. */
@Command(
    name = "commit",
    mixinStandardHelpOptions = true,
    description = {
      "Make an image of a container: one more layer, of what was changed. Print its id.",
      "With $$SOURCE_DATE_EPOCH, seconds, no time in it is later, and equal changes make an equal"
          + " image."
    })
final class CommitCommand implements Callable<Integer> {
  private static final String EPOCH = "SOURCE_DATE_EPOCH";

  @ParentCommand private Lamina lamina;

  @Option(
      names = {"-a", "--author"},
      paramLabel = "NAME")
  private String author;

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "a comment for the history")
  private String message;

  @Option(
      names = {"-c", "--change"},
      paramLabel = "INSTRUCTION",
      description =
          "how to run the image, in a Dockerfile's words: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL,"
              + " STOPSIGNAL, USER, VOLUME, WORKDIR; may be given several times")
  private List<String> instructions = List.of();

  @Parameters(index = "0", paramLabel = "CONTAINER", description = "its name; not mounted")
  private String name;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "IMAGE",
      converter = ImageNameConverter.class,
      description = "what to call the image; default: nothing")
  private ImageName imageName;

  @Override
  public Integer call() throws Exception {
    ConfigChanges changes = new ConfigChanges();
    for (String instruction : instructions) {
      try {
        changes.add(instruction);
      } catch (IllegalArgumentException e) {
        throw new CommandFailure(ExitStatus.USAGE, "--change: " + e.getMessage());
      }
    }
    Optional<Instant> epoch = epoch();
    State state = lamina.state();
    Container container = MountPoints.container(state, name);
    requireIdle(container);
    StoredImage parent = state.imageOf(container);
    ContainerCommit commit =
        new ContainerCommit(
            "lamina commit " + container.name(),
            Optional.ofNullable(author),
            Optional.ofNullable(message),
            changes,
            epoch.orElseGet(Instant::now),
            epoch);
    try {
      StoredImage made =
          commit.run(
              state.store(),
              parent,
              Stacks.of(state, parent, container),
              imageName == null ? List.of() : List.of(imageName),
              ProgressListener.NONE);
      System.out.println(made.id());
      return ExitStatus.OK;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EBUSY) {
        throw new CommandFailure(ExitStatus.BUSY, "container " + name + " is in use");
      }
      throw e;
    }
  }

  /** What programs in it are in the middle of would be in the image by half. */
  private static void requireIdle(Container container) throws CommandFailure {
    if (container.readOnly()) {
      throw new CommandFailure(
          ExitStatus.FAILED, "container " + container.name() + " has no writable layer");
    }
    if (container.mountPoint() != null && Servers.isRunning(container.server())) {
      throw new CommandFailure(
          ExitStatus.BUSY,
          "container "
              + container.name()
              + " is mounted on "
              + container.mountPoint()
              + " (lamina umount first)");
    }
  }

  private Optional<Instant> epoch() throws CommandFailure {
    Optional<String> seconds = lamina.invocation().variable(EPOCH);
    try {
      return seconds.map(text -> Instant.ofEpochSecond(Long.parseLong(text)));
    } catch (NumberFormatException e) {
      throw new CommandFailure(
          ExitStatus.USAGE, EPOCH + " is a number of seconds, not " + seconds.orElse(""));
    }
  }
}
