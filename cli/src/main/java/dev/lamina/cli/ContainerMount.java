package dev.lamina.cli;

import dev.lamina.cli.log.LogFile;
import dev.lamina.fuse.FuseMount;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.owner.Ownership;
import dev.lamina.store.ImageHold;
import dev.lamina.store.StoredImage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Mounts a container, a new one or one that is there, and serves it until it is unmounted. Its
 * record says meanwhile where it is mounted, and by whom.
 */
final class ContainerMount {
  /** What to do once the mount is live. */
  interface WhenMounted {
    void run(Container container, FuseMount mount) throws IOException;
  }

  private final State state;
  private final Invocation invocation;
  private final StoredImage image;
  private final String name;
  private final boolean readOnly;
  private Ownership ownership = Ownership.AS_STORED;
  private ServingOptions serving = new ServingOptions();
  private boolean recorded;

  /**
   * Of a container on {@code image}.
   *
   * @param name of a new container or of one that is there; null for a new name
   */
  ContainerMount(
      State state, Invocation invocation, StoredImage image, String name, boolean readOnly) {
    this.state = state;
    this.invocation = invocation;
    this.image = image;
    this.name = name;
    this.readOnly = readOnly;
  }

  /** Owners are shown as {@code shown} says. */
  ContainerMount owners(Ownership shown) {
    ownership = shown;
    return this;
  }

  ContainerMount serving(ServingOptions options) {
    serving = options;
    return this;
  }

  /** Mounts on {@code directory}; returns when the mount has ended. */
  void run(Path directory, WhenMounted whenMounted) throws IOException, CommandFailure {
    // Until the container's record is there, nothing else tells that somebody needs the image.
    try (ImageHold hold = state.store().hold(image)) {
      if (name != null && state.containers().find(name).isPresent()) {
        serveToTheEnd(reuse(), false, directory, hold, whenMounted);
        return;
      }
      try (NewContainer made = NewContainer.prepare(state, image, name, readOnly)) {
        serveToTheEnd(made.container(), true, directory, both(hold, made), whenMounted);
      }
    }
  }

  private static Closeable both(Closeable one, Closeable other) {
    return () -> {
      one.close();
      other.close();
    };
  }

  /**
   * Serves, and says in the record that it is over.
   *
   * @param held what nobody needs any more once the container's record is there
   */
  private void serveToTheEnd(
      Container container, boolean isNew, Path directory, Closeable held, WhenMounted whenMounted)
      throws IOException, CommandFailure {
    try {
      serve(container, directory, held, whenMounted);
    } finally {
      end(container, isNew);
    }
  }

  private Container reuse() throws IOException, CommandFailure {
    Container container = state.containers().find(name).orElseThrow();
    if (!container.image().equals(image.id().toString())) {
      throw new CommandFailure(
          ExitStatus.FAILED,
          "container " + name + " stands on image " + container.image() + ", not " + image.id());
    }
    if (readOnly != container.readOnly()) {
      throw new CommandFailure(
          ExitStatus.FAILED, "container " + name + (readOnly ? " is writable" : " is read-only"));
    }
    return container;
  }

  private void serve(Container container, Path directory, Closeable held, WhenMounted whenMounted)
      throws IOException, CommandFailure {
    Containers containers = state.containers();
    OverlayOptions options = Stacks.of(state, image, container, ownership);
    MountServer server = new MountServer(options, directory, container.mountSource());
    server.serving(serving);
    server.run(
        invocation,
        Optional.of(
            LogFile.unbounded(
                invocation
                    .variable("LAMINA_LOG")
                    .map(Path::of)
                    .map(invocation::path)
                    .orElse(containers.log(container.name())))),
        mount -> {
          String where = mount.mountPoint().toString();
          containers.save(
              container.mountedOn(where, ProcessHandle.current().pid(), invocation.isShared()));
          recorded = true;
          held.close();
          whenMounted.run(container, mount);
        });
  }

  /** A container that was never mounted leaves nothing; a read-only one ends with its mount. */
  private void end(Container container, boolean isNew) throws IOException {
    // Set where a signal ended the mount: it would fail the writing of the record.
    boolean interrupted = Thread.interrupted();
    Containers containers = state.containers();
    boolean mounted = containers.find(container.name()).isPresent();
    if (isNew && !recorded && !mounted) {
      dropUnserved(containers, container.name());
    } else if (recorded) {
      Container now = containers.find(container.name()).orElse(container);
      if (now.server() == ProcessHandle.current().pid()) {
        if (container.readOnly()) {
          containers.remove(container.name());
        } else {
          containers.save(now.unmounted());
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Nobody else makes one of that name meanwhile, but what is served is left alone. */
  private static void dropUnserved(Containers containers, String name) throws IOException {
    try {
      containers.removeUnused(name);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EBUSY) {
        throw e;
      }
    }
  }
}
