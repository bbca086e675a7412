package dev.lamina.cli;

import dev.lamina.linux.ErrnoException;
import dev.lamina.store.ImageStore;
import dev.lamina.store.StoredImage;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A container that is being made: its directories are there, and its record is not; it exists once
 * that is saved. Until this is closed nobody else makes one of that name.
 */
final class NewContainer implements Closeable {
  /** So that a name with its digits is one that {@link Containers#requireName} takes. */
  private static final int LONGEST_BASE = 100;

  private final Container container;
  private final NameClaim claim;

  private NewContainer(Container container, NameClaim claim) {
    this.container = container;
    this.claim = claim;
  }

  /** What its record will say. */
  Container container() {
    return container;
  }

  @Override
  public void close() throws ErrnoException {
    claim.close();
  }

  /**
   * Begins a container on {@code image}. What a removal that was cut short left under its name is
   * gone.
   *
   * @param name as the user wants it, or null for a new one
   * @throws CommandFailure where there is one of that name, or somebody else is making one
   */
  static NewContainer prepare(State state, StoredImage image, String name, boolean readOnly)
      throws IOException, CommandFailure {
    Containers containers = state.containers();
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
    NameClaim claim = containers.claim(container.name());
    try {
      containers.requireFree(container.name());
      containers.removeUnused(container.name());
      containers.makeDirectories(container);
      if (!readOnly) {
        state.store().prepareUpper(image, containers.upper(container.name()));
      }
      return new NewContainer(container, claim);
    } catch (IOException | CommandFailure | RuntimeException e) {
      claim.close();
      throw e;
    }
  }

  /** The image's own name and a few random digits. */
  static String nameFor(StoredImage image) {
    String base =
        image.names().isEmpty()
            ? image.id().hex().substring(0, 12)
            : image.names().get(0).repository().replaceAll(".*/", "");
    return base.substring(0, Math.min(base.length(), LONGEST_BASE))
        + "-"
        + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x10000, 0x1000000));
  }
}
