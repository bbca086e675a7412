package dev.lamina.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageName;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Images made in the store by putting one layer on another image. */
final class Commits {
  private Commits() {}

  static StoredImage onTopOf(ImageStore store, StoredImage base, byte[] tar, String name)
      throws IOException {
    try (StoredImageSource source = store.source(base);
        ImageIntake intake = store.intake()) {
      ImageIntake.Layer layer =
          intake.layer(
              out -> {
                out.write(tar);
                out.close();
              });
      List<Digest> diffIds = new ArrayList<>(source.config().diffIds());
      diffIds.add(layer.diffId());
      String ids = diffIds.stream().map(d -> "\"" + d + "\"").collect(Collectors.joining(","));
      byte[] config =
          ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
                  + "\"diff_ids\":["
                  + ids
                  + "]}}")
              .getBytes(StandardCharsets.UTF_8);
      List<Descriptor> layers = new ArrayList<>(source.manifest().layers());
      layers.add(layer.descriptor());
      Descriptor described =
          Descriptor.of(MediaTypes.OCI_CONFIG, Digest.sha256(config), config.length);
      byte[] manifest = Manifest.oci(described, layers).toBytes();
      return intake.finish(manifest, config, List.of(ImageName.parse(name)), ProgressListener.NONE);
    }
  }
}
