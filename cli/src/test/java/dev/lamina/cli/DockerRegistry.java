package dev.lamina.cli;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** Debian's docker-registry on a port of the loopback interface, over a directory that stays. */
final class DockerRegistry implements Closeable {
  static final String USER = "someone";
  static final String PASSWORD = "secret";

  /** That password by bcrypt, the one form that the registry takes. */
  private static final String HTPASSWD =
      USER + ":$2b$04$fTNHIuKSPjK5bZl/Mi8L2OFNMCIJ32n/T8jGHcjAs8vt.D7C4ETF2\n";

  /**
   * Ports that the kernel gives to nobody who leaves the choice to it (32768 and up, ip(7)): it is
   * still free when this starts again.
   */
  private static final int FIRST_PORT = 20_000;

  private static final int PORTS = 10_000;

  private final Path directory;
  private final boolean authenticated;
  private int port;
  private ChildProcess process;

  private DockerRegistry(Path directory, boolean authenticated) {
    this.directory = directory;
    this.authenticated = authenticated;
  }

  /** Starts one that keeps what it has below {@code directory}. */
  static DockerRegistry start(Path directory, boolean authenticated) throws Exception {
    DockerRegistry registry = new DockerRegistry(directory, authenticated);
    do {
      registry.port = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
    } while (!isFree(registry.port));
    registry.start();
    return registry;
  }

  private static boolean isFree(int port) {
    try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return free.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /** {@code host:port}, as in the names of images. */
  String host() {
    return "127.0.0.1:" + port;
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Starts it again in the same place. */
  void start() throws Exception {
    Files.createDirectories(directory);
    Path htpasswd = Files.writeString(directory.resolve("htpasswd"), HTPASSWD);
    String auth = "auth: {htpasswd: {realm: test, path: " + htpasswd + "}}\n";
    Path configuration = directory.resolve("config.yml");
    Files.writeString(
        configuration,
        "version: 0.1\n"
            + "log: {level: error, accesslog: {disabled: true}}\n"
            + ("storage: {filesystem: {rootdirectory: " + directory.resolve("data") + "}}\n")
            + ("http: {addr: '" + host() + "', secret: the same after a restart}\n")
            + (authenticated ? auth : ""));
    process =
        ChildProcess.start(List.of("docker-registry", "serve", configuration.toString()), Map.of());
    StateDirectory.await("the registry listens", this::listens);
  }

  private boolean listens() {
    if (!process.isRunning()) {
      throw new AssertionError("docker-registry ended: another may have taken its port");
    }
    try (Socket socket = new Socket()) {
      socket.connect(address());
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Ends it without any notice, in the middle of what it does. */
  void kill() {
    process.kill();
  }

  @Override
  public void close() {
    kill();
  }
}
