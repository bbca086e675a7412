package dev.lamina.fuse;

import dev.lamina.fixtures.model.LayerStack;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@link ServeLoopback} or {@link ServeUnion} in a JVM of its own; killed when closed. */
final class ServerProcess implements AutoCloseable {
  private static final Pattern NEEDED = Pattern.compile("(lamina|jnr|jffi|asm|slf4j)-.*\\.jar");

  private final Process process;
  private final BufferedReader output;

  private ServerProcess(Process process) {
    this.process = process;
    this.output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static ServerProcess start(Path source, Path target) throws IOException {
    return start(Programs.java(ServeLoopback.class, source, target, 2));
  }

  /** Starts one of a union; the mount is live when this returns. */
  static ServerProcess start(LayerStack.OnDisk layers, Path target) throws IOException {
    List<Object> arguments = new ArrayList<>(List.of(target, layers.upper(), layers.work()));
    arguments.addAll(layers.lowers());
    ServerProcess server = start(Programs.java(ServeUnion.class, arguments.toArray()));
    String line = server.line();
    if (!"mounted".equals(line)) {
      server.close();
      throw new IOException("server said " + line);
    }
    return server;
  }

  /**
   * Starts one as another user.
   *
   * @param prefix command that changes the user
   * @param libraries directory to copy the class path to, as the user may not read where it is
   */
  static ServerProcess startAs(List<String> prefix, Path libraries, Path source, Path target)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(Programs.java(copyClassPath(libraries), ServeLoopback.class, source, target, 2));
    return start(command);
  }

  private static ServerProcess start(List<String> command) throws IOException {
    return new ServerProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** Copies what a server needs of the class path; the class path that the copies make. */
  private static String copyClassPath(Path to) throws IOException {
    List<String> copies = new ArrayList<>();
    for (String element : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path from = Path.of(element);
      if (Files.isDirectory(from) || NEEDED.matcher(from.getFileName().toString()).matches()) {
        Path copy = to.resolve(copies.size() + "-" + from.getFileName());
        copyTree(from, copy);
        copies.add(copy.toString());
      }
    }
    return String.join(File.pathSeparator, copies);
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  /** The next line that the server prints, or null at its end. */
  String line() throws IOException {
    return output.readLine();
  }

  /** Tells the server to close its mount. */
  void endInput() throws IOException {
    process.getOutputStream().close();
  }

  long pid() {
    return process.pid();
  }

  int waitFor() throws InterruptedException {
    return process.waitFor(60, TimeUnit.SECONDS) ? process.exitValue() : -1;
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
