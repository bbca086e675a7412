package dev.lamina.registry;

import java.util.Locale;

/**
 * Where a repository is asked for: the registry itself or a mirror.
 *
 * @param host {@code host[:port]} as credentials name it
 * @param repository the repository's path there
 * @param verify whether a certificate has to be good, and plain HTTP is out of the question
 * @param mirror whether it is not the registry that the user named
 */
record Place(String host, String repository, boolean verify, boolean mirror) {
  /** The server that answers for Docker Hub. */
  private static final String DOCKER_HUB_SERVER = "registry-1.docker.io";

  /** What to connect to. */
  String authority() {
    return host.equals(Reference.DOCKER_HUB) ? DOCKER_HUB_SERVER : host;
  }

  /** Whether the host is this one, by its name: no name is looked up for that. */
  static boolean isLoopback(String host) {
    String name = host.replaceFirst(":[0-9]+$", "").toLowerCase(Locale.ROOT);
    return name.equals("localhost") || name.equals("[::1]") || name.matches("127(\\.[0-9]+){3}");
  }

  @Override
  public String toString() {
    return host + "/" + repository;
  }
}
