package dev.lamina.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.image.Digest;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.TreeRemoval;
import dev.lamina.overlay.Overlay;
import dev.lamina.store.ImageUsers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The containers of a state directory: {@code NAME/container.json} beside {@code NAME/upper} and
 * {@code NAME/work}. A container exists when its record does; the record is written last and
 * replaced by rename.
 */
final class Containers implements ImageUsers {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
  private static final String RECORD = "container.json";

  private final Path directory;

  Containers(Path directory) {
    this.directory = directory;
  }

  /** Refuses what cannot name a container: the grammar of podman's names. */
  static void requireName(String name) throws CommandFailure {
    if (!NAME.matcher(name).matches()) {
      throw new CommandFailure(
          ExitStatus.USAGE, "\"" + name + "\" is no container name: [a-zA-Z0-9][a-zA-Z0-9_.-]*");
    }
  }

  /** Refuses, before anything is made, what cannot name a container or names one already. */
  void requireFree(String name) throws IOException, CommandFailure {
    requireName(name);
    if (find(name).isPresent()) {
      throw new CommandFailure(ExitStatus.FAILED, "there is a container " + name + " already");
    }
  }

  Path upper(String name) {
    return directory.resolve(name).resolve("upper");
  }

  Path work(String name) {
    return directory.resolve(name).resolve("work");
  }

  /** Where the server of a container writes its log. */
  Path log(String name) {
    return directory.resolve(name).resolve("server.log");
  }

  Optional<Container> find(String name) throws IOException {
    if (!NAME.matcher(name).matches()) {
      return Optional.empty();
    }
    try {
      byte[] record = Files.readAllBytes(directory.resolve(name).resolve(RECORD));
      return Optional.of(JSON.readValue(record, Container.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The container that is, or else was when its server died, mounted on {@code mountPoint}. */
  Optional<Container> mountedOn(Path mountPoint) throws IOException {
    Optional<Container> dead = Optional.empty();
    for (Container container : all()) {
      if (mountPoint.toString().equals(container.mountPoint())) {
        if (Servers.isRunning(container.server())) {
          return Optional.of(container);
        }
        dead = Optional.of(container);
      }
    }
    return dead;
  }

  /** All of them, by name. */
  List<Container> all() throws IOException {
    List<Container> containers = new ArrayList<>();
    try (Stream<Path> directories = Files.list(directory)) {
      for (Path path : directories.sorted().toList()) {
        find(path.getFileName().toString()).ifPresent(containers::add);
      }
    }
    return containers;
  }

  /** Whether somebody serves it now: a server that was killed leaves its number behind. */
  static boolean isMounted(Container container) {
    return container.mountPoint() != null && Servers.isRunning(container.server());
  }

  /** The images that containers stand on, which the store must keep. */
  @Override
  public List<User> list() throws IOException {
    List<User> users = new ArrayList<>();
    for (Container container : all()) {
      String name = "container " + container.name();
      users.add(new User(name, Digest.parse(container.image()), isMounted(container)));
    }
    return users;
  }

  /** Keeps others from making a container of that name until it is closed. */
  NameClaim claim(String name) throws ErrnoException, CommandFailure {
    return NameClaim.of(directory, name);
  }

  /** Makes the directories of a container that has no record yet. */
  void makeDirectories(Container container) throws IOException {
    Path home = directory.resolve(container.name());
    Files.createDirectories(home);
    if (!container.readOnly()) {
      Files.createDirectories(upper(container.name()));
      Files.createDirectories(work(container.name()));
    }
  }

  /** Writes the record, replacing an older one in one step. */
  void save(Container container) throws IOException {
    Path home = directory.resolve(container.name());
    Path fresh = home.resolve(RECORD + "." + ProcessHandle.current().pid());
    Files.write(fresh, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(container));
    Files.move(
        fresh,
        home.resolve(RECORD),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Removes a container with its writable layer, or what is left of one, unless somebody serves it.
   *
   * @throws ErrnoException EBUSY where somebody does
   */
  @SuppressWarnings("try") // reserved by being there
  void removeUnused(String name) throws IOException {
    if (!Files.isDirectory(upper(name))) {
      remove(name);
      return;
    }
    try (Overlay.Reservation reserved = Overlay.reserve(upper(name))) {
      remove(name);
    }
  }

  /** Removes a container with its writable layer. */
  void remove(String name) throws IOException {
    Files.deleteIfExists(directory.resolve(name).resolve(RECORD));
    try {
      int fd = At.openDirectory(At.FDCWD, Name.of(directory.toString()));
      try {
        TreeRemoval.remove(fd, Name.of(name));
      } finally {
        Fd.close(fd);
      }
    } catch (ErrnoException e) {
      throw e.about(directory.resolve(name));
    }
  }
}
