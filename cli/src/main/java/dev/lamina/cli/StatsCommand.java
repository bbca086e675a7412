package dev.lamina.cli;

import dev.lamina.cli.stats.Figures;
import dev.lamina.cli.stats.FiguresClient;
import dev.lamina.cli.stats.FiguresExposition;
import dev.lamina.cli.stats.FiguresText;
import dev.lamina.cli.stats.FiguresTree;
import dev.lamina.linux.MountTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina stats}: figures of running mounts. */
@Command(
    name = "stats",
    mixinStandardHelpOptions = true,
    description =
        "Show what the servers of mounts have done: requests by kind and how long they took,"
            + " errors, promotions, and how often caches knew the answer.")
final class StatsCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(6);

  @ParentCommand private Lamina lamina;

  @Option(names = "--format", paramLabel = "text|json|prometheus", description = "text by default")
  private String format = "text";

  @Parameters(
      paramLabel = "DIR|NAME",
      description = "where it is mounted, or the container (default: all mounts of this user)")
  private List<String> targets = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    if (!List.of("text", "json", "prometheus").contains(format)) {
      throw new CommandFailure(
          ExitStatus.USAGE, "--format is text, json or prometheus, not " + format);
    }
    Path directory = RuntimeDirectory.of(lamina.invocation());
    FiguresClient client = new FiguresClient(directory, PATIENCE);
    List<Figures> mounts = new ArrayList<>();
    int status = ExitStatus.OK;
    if (targets.isEmpty()) {
      for (FiguresClient.Answer answer : client.all()) {
        answer.figures().ifPresent(mounts::add);
        if (answer.figures().isEmpty()) {
          System.err.println("lamina: no answer on " + answer.socket() + " in time");
          status = ExitStatus.FAILED;
        }
      }
    }
    for (String target : targets) {
      mounts.add(figures(client, directoryOf(target), directory));
    }
    print(mounts);
    return status;
  }

  private void print(List<Figures> mounts) throws IOException {
    switch (format) {
      case "json" -> JsonOutput.print(mounts.stream().map(FiguresTree::of).toList());
      case "prometheus" -> System.out.print(FiguresExposition.of(mounts));
      default -> {
        FiguresText text = new FiguresText(TextTable::format);
        List<String> parts = mounts.stream().map(text::of).toList();
        System.out.print(String.join(System.lineSeparator(), parts));
      }
    }
  }

  /** A name has no slash; looking for one in the store must not make a store. */
  private Path directoryOf(String target) throws IOException, CommandFailure {
    Optional<Container> container =
        target.contains("/") ? Optional.empty() : lamina.state().containers().find(target);
    if (container.isEmpty()) {
      return MountPoints.absolute(lamina.invocation().path(Path.of(target)));
    }
    if (container.get().mountPoint() == null) {
      throw new CommandFailure(ExitStatus.NOT_FOUND, "container " + target + " is not mounted");
    }
    return Path.of(container.get().mountPoint());
  }

  /** The mount itself is left alone: its server may be stuck, or dead. */
  private static Figures figures(FiguresClient client, Path mountPoint, Path sockets)
      throws IOException, CommandFailure {
    Optional<MountTable.Entry> mount = MountTable.at(mountPoint);
    if (mount.isEmpty() || !mount.get().type().startsWith("fuse")) {
      throw new CommandFailure(ExitStatus.NOT_FOUND, "nothing of ours is mounted on " + mountPoint);
    }
    FiguresClient.Answer answer =
        client
            .ofDevice(mount.get().device())
            .orElseThrow(
                () ->
                    new CommandFailure(
                        ExitStatus.FAILED,
                        "no server of the mount on "
                            + mountPoint
                            + " has a socket in "
                            + sockets
                            + ": it died, or is another user's"));
    return answer
        .figures()
        .orElseThrow(
            () ->
                new CommandFailure(
                    ExitStatus.FAILED,
                    "the server of the mount on " + mountPoint + " does not answer"));
  }
}
