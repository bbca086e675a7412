package dev.lamina.cli;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageName;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.registry.Registries;
import dev.lamina.store.BlobPolicy;
import dev.lamina.store.StoredImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina pull}: brings an image from a registry into the store. */
@Command(
    name = "pull",
    mixinStandardHelpOptions = true,
    description = "Pull an image from a registry into the store and print its id.")
final class PullCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Mixin private RegistryArguments registry;

  @Mixin private LimitOptions limits;

  @Mixin private PlatformOption platform;

  @Option(
      names = "--mirror",
      paramLabel = "HOST[:PORT][/PATH]",
      description = "ask there first; may be given several times")
  private List<String> mirrors = List.of();

  @Option(names = "--drop-blobs", description = "as for lamina unpack")
  private boolean dropBlobs;

  @Option(
      names = {"-q", "--quiet"},
      description = "tell no progress")
  private boolean quiet;

  @Option(names = "--format", paramLabel = "id|json", description = "id by default")
  private String format = "id";

  @Parameters(
      paramLabel = "IMAGE",
      description = "[docker://][HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]")
  private String image;

  @Override
  public Integer call() throws Exception {
    boolean wantsJson = JsonOutput.isWanted(format, "id");
    Platform named = platform.named();
    Platform wanted = named == null ? Platform.host() : named;
    BlobPolicy policy = dropBlobs ? BlobPolicy.DROP : BlobPolicy.KEEP;
    State state = lamina.state(limits.limits());
    Registries registries = registry.registries(lamina.invocation(), mirrors);
    try (ImageSource source = Platforms.checked(registries.open(image, wanted), named)) {
      StoredImage stored = state.unpack(source, policy, quiet);
      if (wantsJson) {
        JsonOutput.print(json(source, stored));
      } else {
        System.out.println(stored.id());
      }
    }
    return ExitStatus.OK;
  }

  private static Map<String, Object> json(ImageSource source, StoredImage stored) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", stored.id().toString());
    json.put("digest", source.manifestBytes().map(Digest::sha256).map(Digest::toString).orElse(""));
    json.put("names", source.names().stream().map(ImageName::toString).toList());
    json.put("layers", source.layers().stream().map(l -> l.diffId().toString()).toList());
    return json;
  }
}
