package dev.lamina.store;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageSources;
import dev.lamina.image.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Another process on a store: does one thing again and again until it is told to end. */
final class StoreChurn {
  private StoreChurn() {}

  /** Arguments: the store, what to do, an image. Ends when standard input does. */
  public static void main(String[] arguments) throws IOException {
    ImageStore store = ImageStore.open(Path.of(arguments[0]));
    long rounds = 0;
    System.out.println("ready");
    // Once at least, however late it comes to run.
    do {
      switch (arguments[1]) {
        case "collect" -> {
          ImageStore.open(Path.of(arguments[0])).collectGarbage(true, false, ImageUsers.NONE);
        }
        case "come-and-go" -> comeAndGo(store, arguments[2]);
        default -> throw new IllegalArgumentException(arguments[1]);
      }
      rounds++;
    } while (System.in.available() == 0);
    System.out.println(rounds);
  }

  private static void comeAndGo(ImageStore store, String image) throws IOException {
    StoredImage stored;
    try (ImageSource source = ImageSources.open(image, Platform.parse("linux/amd64"))) {
      stored = store.unpack(source, ProgressListener.NONE);
    }
    try {
      store.untag(stored.id().toString(), List.of());
      store.remove(stored.id().toString(), false, ImageUsers.NONE);
    } catch (ImageException e) {
      // The collector was faster.
      if (e.kind() != ImageException.Kind.NOT_FOUND) {
        throw e;
      }
    }
  }
}
