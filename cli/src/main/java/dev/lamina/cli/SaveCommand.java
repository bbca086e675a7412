package dev.lamina.cli;

import dev.lamina.image.ImageName;
import dev.lamina.save.ImageSave;
import dev.lamina.store.StoredImage;
import dev.lamina.store.StoredImageSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina save}: an image of the store for other programs. */
@Command(
    name = "save",
    mixinStandardHelpOptions = true,
    description = {
      "Write an image of the store to an OCI layout or an archive.",
      "A layout that is there keeps its other images; an archive is replaced."
    })
final class SaveCommand implements Callable<Integer> {
  private static final String LAYOUT = "oci:";
  private static final String LAYOUT_ARCHIVE = "oci-archive:";
  private static final String DOCKER_ARCHIVE = "docker-archive:";

  @ParentCommand private Lamina lamina;

  @Option(
      names = {"-q", "--quiet"},
      description = "tell no progress")
  private boolean quiet;

  @Parameters(index = "0", paramLabel = "IMAGE", description = "a name, digest or id of the store")
  private String image;

  @Parameters(
      index = "1",
      paramLabel = "DESTINATION",
      description =
          "oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME]; the path ends at"
              + " its first colon")
  private String destination;

  @Override
  public Integer call() throws Exception {
    State state = lamina.state();
    StoredImage found =
        state
            .store()
            .find(image)
            .orElseThrow(
                () ->
                    new CommandFailure(
                        ExitStatus.NOT_FOUND,
                        "no image \"" + image + "\" in the store (see lamina images)"));
    try (StoredImageSource source = state.store().source(found)) {
      save(source);
    }
    return ExitStatus.OK;
  }

  private void save(StoredImageSource source) throws IOException, CommandFailure {
    ImageSave.Progress progress =
        (index, diffId) -> {
          if (!quiet) {
            System.err.println(
                "layer "
                    + (index + 1)
                    + "/"
                    + source.layers().size()
                    + " "
                    + diffId.hex().substring(0, 12));
          }
        };
    if (destination.startsWith(LAYOUT)) {
      Target target = target(LAYOUT);
      ImageSave.toLayout(source, target.path, target.reference, progress);
      return;
    }
    if (destination.startsWith(LAYOUT_ARCHIVE)) {
      Target target = target(LAYOUT_ARCHIVE);
      try (OutputFile file = OutputFile.at(target.path)) {
        ImageSave.toLayoutArchive(source, file.stream(), target.reference, progress);
        file.finish();
      }
      return;
    }
    if (destination.startsWith(DOCKER_ARCHIVE)) {
      Target target = target(DOCKER_ARCHIVE);
      List<ImageName> names =
          target.reference.isPresent()
              ? List.of(new ImageNameConverter().convert(target.reference.get()))
              : source.names();
      try (OutputFile file = OutputFile.at(target.path)) {
        ImageSave.toDockerArchive(source, file.stream(), names, progress);
        file.finish();
      }
      return;
    }
    throw new CommandFailure(
        ExitStatus.USAGE,
        "save to oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME], not "
            + destination);
  }

  /** Where to write, and what to call the image there. */
  private record Target(Path path, Optional<String> reference) {}

  /** As skopeo reads it: the path ends at the first colon. */
  private Target target(String transport) throws CommandFailure {
    String rest = destination.substring(transport.length());
    int colon = rest.indexOf(':');
    String path = colon < 0 ? rest : rest.substring(0, colon);
    if (path.isEmpty()) {
      throw new CommandFailure(ExitStatus.USAGE, "no path in " + destination);
    }
    Optional<String> reference =
        colon < 0 ? Optional.empty() : Optional.of(rest.substring(colon + 1));
    return new Target(lamina.invocation().path(Path.of(path)), reference);
  }
}
