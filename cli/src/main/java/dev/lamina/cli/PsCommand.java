package dev.lamina.cli;

import dev.lamina.image.ImageName;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code lamina ps}: the containers, mounted or not. */
@Command(
    name = "ps",
    mixinStandardHelpOptions = true,
    description = "List the containers, and where they are mounted.")
final class PsCommand implements Callable<Integer> {
  private static final int SHORT_ID = 12;

  @ParentCommand private Lamina lamina;

  @Option(
      names = {"-q", "--quiet"},
      description = "only the names")
  private boolean quiet;

  @Mixin private OutputFormat format = new OutputFormat();

  @Override
  public Integer call() throws Exception {
    State state = lamina.state();
    List<Container> containers = state.containers().all();
    if (quiet) {
      containers.forEach(container -> System.out.println(container.name()));
      return ExitStatus.OK;
    }
    format.require();
    if (format.isJson()) {
      List<Map<String, Object>> rows = new ArrayList<>();
      for (Container container : containers) {
        rows.add(json(state, container));
      }
      JsonOutput.print(rows);
    } else {
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("NAME", "IMAGE", "CREATED", "STATUS", "MOUNTED ON"));
      for (Container container : containers) {
        rows.add(row(state, container));
      }
      System.out.print(TextTable.format(rows));
    }
    return ExitStatus.OK;
  }

  private static List<String> row(State state, Container container) throws IOException {
    return List.of(
        container.name(),
        imageName(state, container)
            .orElse(container.image().replace("sha256:", "").substring(0, SHORT_ID)),
        ImagesCommand.age(container.created(), Instant.now()),
        status(container),
        container.mountPoint() == null ? "" : container.mountPoint());
  }

  private static Map<String, Object> json(State state, Container container) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", container.name());
    json.put("image", container.image());
    json.put("imageName", imageName(state, container).orElse(null));
    json.put("created", container.created());
    json.put("readOnly", container.readOnly());
    json.put("status", status(container));
    json.put("mountPoint", container.mountPoint());
    json.put("pid", container.server() == 0 ? null : container.server());
    return json;
  }

  private static Optional<String> imageName(State state, Container container) throws IOException {
    Optional<StoredImage> image = state.store().find(container.image());
    return image.flatMap(found -> found.names().stream().findFirst()).map(ImageName::toString);
  }

  private static String status(Container container) {
    if (container.mountPoint() == null) {
      return "not mounted";
    }
    return Servers.isRunning(container.server()) ? "mounted" : "server died";
  }
}
