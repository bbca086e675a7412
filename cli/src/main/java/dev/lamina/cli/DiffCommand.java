package dev.lamina.cli;

import dev.lamina.inspect.ImageDiff;
import dev.lamina.overlay.Change;
import dev.lamina.overlay.Overlay;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina diff}: what the writable layer changed, or what distinguishes two images. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "List what a container's writable layer added (A), changed (C) and deleted (D),",
      "or what the second of two images has that the first has not."
    })
final class DiffCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Mixin private PlatformOption platform;

  @Option(
      names = {"-0", "--null"},
      description = "paths as they are, each line ended by a NUL")
  private boolean nul;

  @Option(names = "--times", description = "times of last modification count, too (two images)")
  private boolean times;

  @Option(names = "--format", paramLabel = "lines|json", description = "lines by default")
  private String format = "lines";

  @Parameters(
      index = "0",
      paramLabel = "NAME|DIR|IMAGE",
      description = "the container, or where it is mounted; or the first image")
  private String target;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "IMAGE",
      description = "the second image; " + PlatformOption.IMAGE)
  private String other;

  @Override
  public Integer call() throws Exception {
    if (JsonOutput.isWanted(format, "lines")) {
      Map<String, List<String>> kinds = new LinkedHashMap<>();
      for (String kind : List.of("changed", "added", "deleted")) {
        kinds.put(kind, new ArrayList<>());
      }
      find(change -> kinds.get(key(change)).add(change.toString().substring(2)));
      JsonOutput.print(kinds);
    } else {
      try (OutputStream out = StandardOutput.open()) {
        find(change -> print(out, change));
      }
    }
    return ExitStatus.OK;
  }

  private void find(ImageDiff.Listener listener) throws Exception {
    if (other == null) {
      for (Change change : ofContainer()) {
        listener.on(change);
      }
      return;
    }
    try (ImageVisit visit = platform.visit(lamina)) {
      ImageDiff.compare(visit.image(target), visit.image(other), times, listener);
    }
  }

  private List<Change> ofContainer() throws IOException, CommandFailure {
    State state = lamina.state();
    Container container = MountPoints.container(state, target);
    if (container.readOnly()) {
      return List.of();
    }
    StoredImage image = state.imageOf(container);
    return Overlay.changes(Stacks.of(state, image, container));
  }

  private void print(OutputStream out, Change change) throws IOException {
    if (nul) {
      out.write(change.kind().letter());
      out.write(' ');
      out.write(change.path().getBytes(StandardCharsets.ISO_8859_1));
      out.write('\0');
    } else {
      out.write((change + System.lineSeparator()).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String key(Change change) {
    return switch (change.kind()) {
      case ADDED -> "added";
      case CHANGED -> "changed";
      case DELETED -> "deleted";
    };
  }
}
