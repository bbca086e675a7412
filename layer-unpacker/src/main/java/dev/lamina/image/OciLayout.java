package dev.lamina.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Reads an image from an OCI image layout (image-layout.md), in a directory or an archive. */
final class OciLayout {
  static final String INDEX = "index.json";

  private final ImageFiles files;
  private final String transport;
  private final OciSelection selection;

  private OciLayout(ImageFiles files, String transport, OciSelection selection) {
    this.files = files;
    this.transport = transport;
    this.selection = selection;
  }

  /** Chooses the image that {@code reference} (a tag, a name or {@code @digest}) means. */
  static ImageSource open(
      ImageFiles files, String transport, Optional<String> reference, Platform platform)
      throws IOException {
    OciSelection selection = new OciSelection(files.name(), reference, platform);
    return new OciLayout(files, transport, selection).open();
  }

  private ImageSource open() throws IOException {
    OciImage image = new OciImage(files, selection);
    byte[] document = files.read(INDEX);
    image.checkKind(document, INDEX, true);
    Index index = Json.read(document, Index.class, files.name() + ": " + INDEX);
    String name =
        transport
            + ":"
            + files.name()
            + selection.reference().map(r -> separator(r) + r).orElse("");
    return image.open(selection.top(index), name, this::names);
  }

  private List<ImageName> names(Descriptor chosen) {
    Optional<ImageName> full =
        Optional.ofNullable(chosen.annotations().get(Index.IMAGE_NAME))
            .flatMap(ImageName::tryParse);
    if (full.isPresent()) {
      return List.of(full.get());
    }
    String ref = chosen.annotations().getOrDefault(Index.REF_NAME, "latest");
    if (ref.contains("/") || ref.contains(":")) {
      return ImageName.tryParse(ref).map(List::of).orElse(List.of());
    }
    Path path = Path.of(files.name()).toAbsolutePath().normalize().getFileName();
    return path == null
        ? List.of()
        : ImageName.ofFile(path.toString(), ref).map(List::of).orElse(List.of());
  }

  private static String separator(String reference) {
    return reference.startsWith("@") ? "" : ":";
  }
}
