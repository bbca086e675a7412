package dev.lamina.nio;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageSources;
import dev.lamina.image.Platform;
import dev.lamina.layer.UnpackLimits;
import dev.lamina.linux.ErrnoException;
import dev.lamina.nio.archive.ImageTree;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.store.ImageStack;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.nio.file.FileSystemAlreadyExistsException;

/** What a {@link LaminaFileSystem} shows: exactly one of the methods that say so is needed. */
public final class LaminaFileSystemBuilder {
  private interface Source {
    Tree open(int umask) throws IOException;
  }

  private Source source;
  private String name;
  private int umask = -1;

  LaminaFileSystemBuilder() {}

  /**
   * What it is called in URIs; something made up by default.
   *
   * @throws IllegalArgumentException for other characters than letters, digits and {@code ._~-}
   */
  @CanIgnoreReturnValue
  public LaminaFileSystemBuilder name(String wanted) {
    if (!LaminaUri.isName(wanted)) {
      throw new IllegalArgumentException(
          "a name has letters, digits, dots, underscores, tildes and hyphens: " + wanted);
    }
    this.name = wanted;
    return this;
  }

  /** Permission bits that new files do not get; the process's umask by default. */
  @CanIgnoreReturnValue
  public LaminaFileSystemBuilder umask(int bits) {
    if ((bits & ~0777) != 0) {
      throw new IllegalArgumentException("a umask has permission bits");
    }
    this.umask = bits;
    return this;
  }

  private LaminaFileSystemBuilder of(Source wanted) {
    if (source != null) {
      throw new IllegalStateException("a file system shows one thing");
    }
    source = wanted;
    return this;
  }

  /** A stack of layers, opened now and closed with the file system; writable if it has an upper. */
  @CanIgnoreReturnValue
  public LaminaFileSystemBuilder layers(OverlayOptions options) {
    return of(mask -> union(options, mask));
  }

  /** A stack that is open: whoever opened it closes it, after the file system. */
  @CanIgnoreReturnValue
  public LaminaFileSystemBuilder overlay(Overlay overlay) {
    return of(mask -> new UnionTree(overlay.inodes(), overlay.isReadOnly(), mask, () -> {}));
  }

  /** An image of a store, read-only; whoever calls this keeps it there, as with a mount. */
  @CanIgnoreReturnValue
  public LaminaFileSystemBuilder image(StoredImage image) {
    return of(
        mask -> {
          if (image.layers().isEmpty()) {
            throw new ImageException(
                ImageException.Kind.UNSUPPORTED, image.id() + " has no layers, and so no files");
          }
          OverlayOptions.Builder options = OverlayOptions.builder();
          ImageStack.lowers(image).forEach(options::addLower);
          return union(options.build(), mask);
        });
  }

  /**
   * An image read straight from where it is kept, in plain Java on any operating system, read-only:
   * {@code oci:DIR[:TAG]}, {@code oci-archive:FILE[:REF]}, {@code docker-archive:FILE[:REF]} or a
   * path alone. Its data goes to a temporary file, as long as the file system is open.
   */
  @CanIgnoreReturnValue
  public LaminaFileSystemBuilder archive(String reference) {
    return of(
        mask -> {
          long memory = Runtime.getRuntime().maxMemory() / 2;
          try (ImageSource image = ImageSources.open(reference, Platform.host())) {
            return new ArchiveTree(ImageTree.read(image, UnpackLimits.DEFAULT, memory));
          }
        });
  }

  private static Tree union(OverlayOptions options, int umask) throws ErrnoException {
    Overlay overlay = Overlay.open(options);
    return new UnionTree(overlay.inodes(), overlay.isReadOnly(), umask, overlay::close);
  }

  /**
   * Opens it.
   *
   * @throws FileSystemAlreadyExistsException where one of that name is open
   */
  public LaminaFileSystem open() throws IOException {
    return open(LaminaFileSystemProvider.instance());
  }

  LaminaFileSystem open(LaminaFileSystemProvider provider) throws IOException {
    if (source == null) {
      throw new IllegalStateException("nothing to show");
    }
    String wanted = name == null ? provider.freeName() : name;
    provider.requireFree(wanted);
    Tree tree = source.open(umask < 0 ? Umask.ofProcess() : umask);
    LaminaFileSystem fileSystem = new LaminaFileSystem(provider, wanted, tree);
    try {
      provider.opened(fileSystem);
    } catch (FileSystemAlreadyExistsException e) {
      tree.close();
      throw e;
    }
    return fileSystem;
  }
}
