package dev.lamina.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Opens images by what a user writes: {@code oci:DIR[:TAG|@DIGEST]}, {@code
 * oci-archive:FILE[:REF]}, {@code docker-archive:FILE[:REF]}, or a path alone, which is recognised
 * by its content.
 */
public final class ImageSources {
  private static final List<String> TRANSPORTS = List.of("oci", "oci-archive", "docker-archive");

  private ImageSources() {}

  /**
   * Opens an image and verifies its manifest and configuration.
   *
   * @param platform chooses from an index
   * @return the caller closes it
   */
  public static ImageSource open(String image, Platform platform) throws ImageException {
    try {
      for (String transport : TRANSPORTS) {
        if (image.startsWith(transport + ":")) {
          Location location = Location.parse(image.substring(transport.length() + 1));
          return open(transport, location, platform);
        }
      }
      Location location = Location.parse(image);
      return open(recognize(location.path), location, platform);
    } catch (IOException e) {
      throw ImageException.host("reading " + image, e);
    }
  }

  /** A path that exists, and the reference that follows it. */
  private record Location(Path path, Optional<String> reference) {
    /** The path may hold colons: the shortest prefix that exists wins, the whole before that. */
    static Location parse(String text) throws ImageException {
      if (exists(text)) {
        return new Location(Path.of(text), Optional.empty());
      }
      for (int i = 1; i < text.length(); i++) {
        char c = text.charAt(i);
        if ((c == ':' || c == '@') && exists(text.substring(0, i))) {
          String reference = c == '@' ? text.substring(i) : text.substring(i + 1);
          if (!reference.isEmpty()) {
            return new Location(Path.of(text.substring(0, i)), Optional.of(reference));
          }
        }
      }
      throw new ImageException(
          ImageException.Kind.NOT_FOUND, "no such image file or directory: " + text);
    }

    private static boolean exists(String path) {
      try {
        return !path.isEmpty() && Files.exists(Path.of(path));
      } catch (InvalidPathException e) {
        return false;
      }
    }
  }

  private static String recognize(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return "oci";
    }
    try (ImageFiles files = openArchive(path)) {
      // Docker's archives have been OCI layouts as well since 25.0, with digests to verify.
      return files.size(OciLayout.INDEX) >= 0 ? "oci-archive" : "docker-archive";
    }
  }

  private static ImageSource open(String transport, Location location, Platform platform)
      throws IOException {
    boolean directory = transport.equals("oci");
    ImageFiles files = directory ? openDirectory(location.path) : openArchive(location.path);
    try {
      return transport.equals("docker-archive")
          ? DockerArchive.open(files, location.reference)
          : OciLayout.open(files, transport, location.reference, platform);
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }

  private static ImageFiles openDirectory(Path path) throws IOException {
    DirectoryFiles files = new DirectoryFiles(path);
    if (files.size(OciLayout.INDEX) < 0) {
      throw new ImageException(
          ImageException.Kind.MALFORMED, path + " is not an OCI image layout: no index.json");
    }
    return files;
  }

  private static ImageFiles openArchive(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new ImageException(ImageException.Kind.MALFORMED, path + " is not an archive file");
    }
    ArchiveFiles files = ArchiveFiles.open(path);
    if (files.size(OciLayout.INDEX) < 0 && files.size(DockerArchive.MANIFEST) < 0) {
      files.close();
      throw new ImageException(
          ImageException.Kind.MALFORMED,
          path + " is not an image archive: it holds neither index.json nor manifest.json");
    }
    return files;
  }
}
