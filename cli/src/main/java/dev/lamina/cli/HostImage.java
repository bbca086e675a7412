package dev.lamina.cli;

import dev.lamina.image.LayerContent;
import dev.lamina.image.OciLayoutWriter;
import dev.lamina.image.Platform;
import dev.lamina.layer.LayerWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real image made of this host's own programs, for the demo: a shell, coreutils and the libraries
 * that they load; more programs in a second layer; a third that deletes and replaces files.
 */
final class HostImage {
  private static final List<String> BASE_PROGRAMS =
      List.of(
          "sh", "ls", "cat", "cp", "mv", "rm", "ln", "mkdir", "chmod", "touch", "head", "wc",
          "sort", "sleep", "uname", "id");
  private static final List<String> MORE_PROGRAMS = List.of("sed", "grep", "find", "stat", "du");
  private static final List<String> MERGED_DIRECTORIES =
      List.of("bin", "sbin", "lib", "lib32", "lib64", "libx32");

  /**
   * Lines of ldd(1): {@code libc.so.6 => /lib/libc.so.6 (0x...)} and {@code /lib64/ld.so (0x...)}.
   */
  private static final Pattern LIBRARY = Pattern.compile("(?:=>\\s*)?(/\\S+) \\(0x");

  private final Path scratch;
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final List<String> present = new ArrayList<>();

  private HostImage(Path scratch) {
    this.scratch = scratch;
  }

  /**
   * Writes the image as an OCI layout below {@code scratch}; how {@code lamina} names it.
   *
   * @param onTop more layers
   */
  static String build(Path scratch, LayerContent... onTop)
      throws IOException, InterruptedException {
    return new HostImage(scratch).write(onTop);
  }

  private String write(LayerContent... onTop) throws IOException, InterruptedException {
    Path layout = scratch.resolve("image");
    OciLayoutWriter image = new OciLayoutWriter(layout, now);
    image.layer(base(), "shell, coreutils and their libraries, from this host");
    image.layer(tools(), "sed, grep, find and more");
    image.layer(slim(), "rm /usr/share/notes/draft && replace /etc/motd");
    for (LayerContent layer : onTop) {
      image.layer(layer, "more");
    }
    image.finish("demo", Platform.host(), Map.of("Cmd", List.of("/bin/sh")));
    return "oci:" + layout + ":demo";
  }

  private LayerWriter base() throws IOException, InterruptedException {
    LayerWriter layer = new LayerWriter(now);
    for (String name : MERGED_DIRECTORIES) {
      Path directory = Path.of("/", name);
      if (Files.isSymbolicLink(directory)) {
        layer.symlink(name, Files.readSymbolicLink(directory).toString());
      }
    }
    layer.directory("tmp", 01777).directory("root", 0700).directory("srv", 0755);
    addPrograms(layer, BASE_PROGRAMS);
    layer.file("etc/passwd", text("root:x:0:0:root:/root:/bin/sh\n"));
    layer.file("etc/group", text("root:x:0:\n"));
    layer.file("etc/motd", text("the first layer\n"));
    layer.file("usr/share/notes/draft", text("the third layer deletes this\n"));
    layer.file("usr/share/notes/kept", text("all layers keep this\n"));
    return layer;
  }

  private LayerWriter tools() throws IOException, InterruptedException {
    LayerWriter layer = new LayerWriter(now);
    addPrograms(layer, MORE_PROGRAMS);
    return layer;
  }

  private LayerWriter slim() throws IOException {
    LayerWriter layer = new LayerWriter(now);
    layer.whiteout("usr/share/notes/draft");
    layer.file("etc/motd", text("the third layer\n"));
    return layer;
  }

  private Path text(String content) throws IOException {
    Path file = Files.createTempFile(scratch, "text", null);
    Files.setPosixFilePermissions(
        file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
    return Files.writeString(file, content);
  }

  private void addPrograms(LayerWriter layer, List<String> programs)
      throws IOException, InterruptedException {
    for (String program : programs) {
      Path file = find(program);
      add(layer, file);
      for (Path library : libraries(file)) {
        add(layer, library);
      }
    }
  }

  /** Adds a file where this host has it, links to directories resolved, links to files followed. */
  private void add(LayerWriter layer, Path file) throws IOException {
    Path place = file.getParent().toRealPath().resolve(file.getFileName());
    String path = place.toString().substring(1);
    if (!present.contains(path)) {
      present.add(path);
      layer.file(path, place.toRealPath());
    }
  }

  private static Path find(String program) throws IOException {
    for (String directory : List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin")) {
      Path file = Path.of(directory, program);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    throw new IOException("this host has no program " + program + "; give the demo an image");
  }

  private static List<Path> libraries(Path program) throws IOException, InterruptedException {
    Process ldd = new ProcessBuilder("ldd", program.toString()).redirectErrorStream(true).start();
    String output = new String(ldd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    List<Path> libraries = new ArrayList<>();
    if (ldd.waitFor() == 0) {
      Matcher matcher = LIBRARY.matcher(output);
      while (matcher.find()) {
        libraries.add(Path.of(matcher.group(1)));
      }
    }
    return libraries;
  }
}
