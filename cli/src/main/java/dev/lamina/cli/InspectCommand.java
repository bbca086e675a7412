package dev.lamina.cli;

import dev.lamina.inspect.ImageDescription;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina inspect}: all that is recorded about images and containers. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = "Print all that is recorded about images and containers, as a JSON array.")
final class InspectCommand implements Callable<Integer> {
  /** What a name may mean. */
  enum Type {
    ALL,
    CONTAINER,
    IMAGE
  }

  @ParentCommand private Lamina lamina;

  @Mixin private PlatformOption platform;

  @Option(
      names = "--type",
      paramLabel = "all|container|image",
      description = "what the names are; all (the default) looks for a container first")
  private String type = "all";

  @Parameters(arity = "1..*", paramLabel = "NAME", description = "containers and images")
  private List<String> names = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    Type wanted = type();
    State state = lamina.state();
    List<Object> found = new ArrayList<>();
    try (ImageVisit visit = platform.visit(lamina)) {
      for (String name : names) {
        Optional<Container> container =
            wanted == Type.IMAGE ? Optional.empty() : state.containers().find(name);
        if (container.isPresent()) {
          found.add(describe(state, container.get()));
        } else if (wanted == Type.CONTAINER) {
          throw new CommandFailure(ExitStatus.NOT_FOUND, "no container \"" + name + "\"");
        } else {
          found.add(ImageDescription.of(visit.image(name)));
        }
      }
    }
    JsonOutput.print(found);
    return ExitStatus.OK;
  }

  private Type type() throws CommandFailure {
    return switch (type) {
      case "all" -> Type.ALL;
      case "container" -> Type.CONTAINER;
      case "image" -> Type.IMAGE;
      default ->
          throw new CommandFailure(
              ExitStatus.USAGE, "--type is all, container or image, not " + type);
    };
  }

  private static Map<String, Object> describe(State state, Container container) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", container.name());
    json.put("image", container.image());
    json.put("created", container.created());
    json.put("readOnly", container.readOnly());
    json.put("mountPoint", container.mountPoint());
    json.put("server", container.mountPoint() == null ? null : container.server());
    json.put("shared", container.shared());
    if (!container.readOnly()) {
      json.put("ownersRecorded", container.ownersRecorded());
      json.put("upper", state.containers().upper(container.name()).toString());
      json.put("work", state.containers().work(container.name()).toString());
    }
    return json;
  }
}
