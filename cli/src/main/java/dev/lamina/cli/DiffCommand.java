package dev.lamina.cli;

import dev.lamina.overlay.Change;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina diff}: what the writable layer changed. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = "List what a container's writable layer added (A), changed (C) and deleted (D).")
final class DiffCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Parameters(paramLabel = "NAME|DIR", description = "the container, or where it is mounted")
  private String target;

  @Override
  public Integer call() throws Exception {
    State state = lamina.state();
    Container container = MountPoints.container(state, target);
    if (container.readOnly()) {
      return ExitStatus.OK;
    }
    OverlayOptions options = Stacks.of(state, state.imageOf(container), container);
    PrintWriter out =
        new PrintWriter(
            new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8)));
    for (Change change : Overlay.changes(options)) {
      out.println(change);
    }
    out.flush();
    return ExitStatus.OK;
  }
}
