package dev.lamina.cli;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageName;
import dev.lamina.image.ImageSource;
import dev.lamina.store.ScratchDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina push}: brings an image into a registry. */
@Command(
    name = "push",
    mixinStandardHelpOptions = true,
    description = "Push an image to a registry and print its digest there.")
final class PushCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Mixin private RegistryArguments registry;

  @Mixin private PlatformOption platform;

  @Option(
      names = "--mount-from",
      paramLabel = "NAME",
      description =
          "a repository of the same registry that may have layers already; may be given several"
              + " times")
  private List<String> related = List.of();

  @Option(
      names = "--digestfile",
      paramLabel = "FILE",
      description = "write the digest there as well")
  private Path digestFile;

  @Option(
      names = {"-q", "--quiet"},
      description = "tell no progress")
  private boolean quiet;

  @Parameters(
      index = "0",
      paramLabel = "IMAGE",
      description =
          "an image of the store, oci:DIR[:TAG|@DIGEST], oci-archive:FILE[:REF],"
              + " docker-archive:FILE[:REF], docker://NAME, or a path")
  private String image;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "DESTINATION",
      description =
          "[docker://][HOST[:PORT]/]REPOSITORY[:TAG] (default: the image's own name, if it names a"
              + " registry)")
  private String destination;

  @Override
  public Integer call() throws Exception {
    State state = lamina.state();
    try (ImageSource source = state.sourceToCopy(image, platform.named());
        ScratchDirectory scratch = state.store().scratch()) {
      Digest digest = push(source, destination(source), scratch.path());
      System.out.println(digest);
      if (digestFile != null) {
        Files.writeString(lamina.invocation().path(digestFile), digest.toString());
      }
    }
    return ExitStatus.OK;
  }

  private Digest push(ImageSource source, String where, Path scratch) throws Exception {
    try (UnpackProgress progress = UnpackProgress.ofPush(source.layers(), quiet)) {
      return registry
          .registries(lamina.invocation(), List.of())
          .push(source, where, related, scratch, progress);
    }
  }

  private String destination(ImageSource source) throws CommandFailure {
    if (destination != null) {
      return destination;
    }
    List<String> hosted =
        source.names().stream()
            .map(ImageName::toString)
            .filter(name -> name.matches("[^/]*[.:][^/]*/.*|localhost/.*"))
            .toList();
    Optional<String> given =
        hosted.stream()
            .filter(name -> ("/" + name).endsWith("/" + image) || name.equals(image + ":latest"))
            .findFirst();
    if (given.isPresent() || hosted.size() == 1) {
      return given.orElseGet(() -> hosted.get(0));
    }
    String problem = hosted.isEmpty() ? "its name names no registry" : "it has several names";
    throw new CommandFailure(ExitStatus.USAGE, "say where to push " + image + ": " + problem);
  }
}
