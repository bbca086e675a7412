package dev.lamina.cli.doctor;

import dev.lamina.image.ImageException;
import dev.lamina.store.ImageStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where Lamina keeps images, and where daemons have their sockets. */
final class StoreCheck {
  /**
   * What is the case.
   *
   * @param root of the store
   * @param exists whether there is one
   * @param images how many it has, or empty where it could not be opened
   * @param failure why
   * @param runtime directory of daemons, if there is a place for one
   * @param runtimeUsable whether it is there, or can be made
   */
  record Facts(
      Path root,
      boolean exists,
      Optional<Integer> images,
      String failure,
      Optional<Path> runtime,
      boolean runtimeUsable) {}

  private StoreCheck() {}

  static Facts gather(Path root, Optional<Path> runtime) {
    boolean usable = runtime.map(StoreCheck::canBeWritten).orElse(false);
    boolean exists = Files.exists(root);
    if (!exists) {
      boolean canBeMade = canBeWritten(root);
      return new Facts(
          root,
          false,
          canBeMade ? Optional.of(0) : Optional.empty(),
          canBeMade ? "" : nearest(root) + ": permission denied",
          runtime,
          usable);
    }
    try {
      int images = ImageStore.open(root).images().size();
      requireWritable(root.resolve("tmp"));
      return new Facts(root, true, Optional.of(images), "", runtime, usable);
    } catch (ImageException e) {
      return new Facts(root, true, Optional.empty(), e.getMessage(), runtime, usable);
    } catch (IOException e) {
      return new Facts(root, true, Optional.empty(), e.toString(), runtime, usable);
    }
  }

  private static void requireWritable(Path directory) throws IOException {
    Files.delete(Files.createTempFile(directory, "doctor", null));
  }

  /** Of what may not exist yet: where it would be made. */
  private static boolean canBeWritten(Path directory) {
    return Files.isWritable(nearest(directory));
  }

  /** The nearest directory above, or itself, that exists. */
  static Path nearest(Path directory) {
    Path path = directory;
    while (!Files.isDirectory(path) && path.getParent() != null) {
      path = path.getParent();
    }
    return path;
  }

  static Section judge(Facts facts) {
    Section section = Section.of("State");
    if (facts.images().isEmpty()) {
      section.problem(
          "store",
          facts.failure(),
          "no image can be unpacked, and none of the store mounted; fuse-lamina works",
          "lamina --root DIR, or LAMINA_ROOT=DIR, with a directory of your own");
    } else if (facts.exists()) {
      section.ok(
          "store", facts.root() + ", images: " + facts.images().get(), "can be read and written");
    } else {
      section.ok("store", facts.root() + " is not there yet", "the first unpack makes it");
    }
    if (facts.runtime().isEmpty()) {
      section.note(
          "runtime directory",
          "neither XDG_RUNTIME_DIR nor LAMINA_RUNTIME_DIR is set",
          "no lamina daemon: each mount has a server of its own, of 50 to 70 MiB",
          "LAMINA_RUNTIME_DIR=DIR, a directory of your own with mode 0700");
    } else if (facts.runtimeUsable()) {
      section.ok("runtime directory", facts.runtime().get().toString(), "daemons can be started");
    } else {
      section.note(
          "runtime directory",
          facts.runtime().get() + " cannot be written",
          "no lamina daemon: each mount has a server of its own, of 50 to 70 MiB",
          "LAMINA_RUNTIME_DIR=DIR, a directory of your own with mode 0700");
    }
    return section;
  }
}
