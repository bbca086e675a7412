package dev.lamina.cli;

import dev.lamina.store.BlobPolicy;
import dev.lamina.store.StoredImage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina unpack}: brings an image into the store. */
@Command(
    name = "unpack",
    mixinStandardHelpOptions = true,
    description = "Unpack an image into the store and print its id.")
final class UnpackCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Mixin private PlatformOption platform;

  @Option(
      names = "--drop-blobs",
      description =
          "keep no compressed blobs of new layers: about half the space; a copy of the image then"
              + " has a manifest of its own")
  private boolean dropBlobs;

  @Mixin private LimitOptions limits;

  @Parameters(
      paramLabel = "IMAGE",
      description =
          "oci:DIR[:TAG|@DIGEST], oci-archive:FILE[:REF], docker-archive:FILE[:REF],"
              + " docker://NAME, or a path")
  private String image;

  @Override
  public Integer call() throws Exception {
    BlobPolicy policy = dropBlobs ? BlobPolicy.DROP : BlobPolicy.KEEP;
    StoredImage stored = lamina.state(limits.limits()).unpack(image, platform.named(), policy);
    System.out.println(stored.id());
    return ExitStatus.OK;
  }
}
