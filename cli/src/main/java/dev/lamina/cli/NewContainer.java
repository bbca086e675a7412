package dev.lamina.cli;

import dev.lamina.store.ImageStore;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ThreadLocalRandom;

/** The making of containers: directories, and what the record will say. */
final class NewContainer {
  private NewContainer() {}

  /**
   * A container on {@code image} whose directories are there and whose record is not: it exists
   * once that is saved. What a removal that was cut short left under its name is gone.
   *
   * @param name as the user wants it, or null for a new one
   */
  static Container prepare(State state, StoredImage image, String name, boolean readOnly)
      throws IOException {
    Container container =
        new Container(
            name == null ? nameFor(image) : name,
            image.id().toString(),
            readOnly,
            ImageStore.recordsOwners(),
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
            null,
            0,
            false);
    if (state.containers().find(container.name()).isEmpty()) {
      state.containers().removeUnused(container.name());
    }
    state.containers().makeDirectories(container);
    if (!readOnly) {
      state.store().prepareUpper(image, state.containers().upper(container.name()));
    }
    return container;
  }

  /** The image's own name and a few random digits. */
  static String nameFor(StoredImage image) {
    String base =
        image.names().isEmpty()
            ? image.id().hex().substring(0, 12)
            : image.names().get(0).repository().replaceAll(".*/", "");
    return base
        + "-"
        + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x10000, 0x1000000));
  }
}
