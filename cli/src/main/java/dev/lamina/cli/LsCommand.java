package dev.lamina.cli;

import dev.lamina.inspect.MergedTree;
import dev.lamina.inspect.TreeWalk;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Terminals;
import dev.lamina.store.StoredImage;
import dev.lamina.store.StoredLayer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina ls}: what is in an image, or in one of its layers. */
@Command(
    name = "ls",
    mixinStandardHelpOptions = true,
    description = {
      "List a directory of an image, without a mount.",
      "On a terminal names are quoted where they hold anything special, as ls does."
    })
final class LsCommand implements Callable<Integer> {
  private static final int STANDARD_OUTPUT = 1;

  @ParentCommand private Lamina lamina;

  @Mixin private PlatformOption platform;

  @Option(names = "-l", description = "mode, links, owner, size, time (UTC) and target, too")
  private boolean details;

  @Option(
      names = {"-R", "--recursive"},
      description = "all that is below, a whole path on each line")
  private boolean recursive;

  @Option(
      names = {"-0", "--null"},
      description = "names as they are, each ended by a NUL")
  private boolean nul;

  @Mixin private OutputFormat format;

  @Option(
      names = "--layer",
      paramLabel = "N|DIGEST",
      description =
          "what this layer alone has (1 is the bottommost, as lamina layers numbers them):"
              + " .wh.NAME is the deletion of a name, .wh..wh..opq of all that is in the directory")
  private String layer;

  @Parameters(index = "0", paramLabel = "IMAGE", description = PlatformOption.IMAGE)
  private String text;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "PATH",
      description = "the directory or file to list (default: /)")
  private String path = "/";

  @Override
  public Integer call() throws Exception {
    format.require();
    details |= format.isJson();
    byte[] start = ArgumentBytes.of(path);
    boolean quote = !nul && Terminals.isTerminal(STANDARD_OUTPUT);
    try (ImageVisit visit = platform.visit(lamina);
        OutputStream out = StandardOutput.open()) {
      EntryWriter line =
          format.isJson() ? new EntryJson(out) : new EntryLine(out, quote, nul ? '\0' : '\n');
      StoredImage image = visit.image(text);
      if (layer != null) {
        new LayerListing(layer(image), line, details, recursive).list(start);
      } else {
        try (MergedTree tree = MergedTree.open(image)) {
          list(tree, start, line);
        }
      }
      line.end();
    }
    return ExitStatus.OK;
  }

  private void list(MergedTree tree, byte[] start, EntryWriter line) throws IOException {
    if (!tree.stat(start, true).isDirectory()) {
      // As ls: a link is shown itself, unless it leads to a directory.
      Stat stat = tree.stat(start, false);
      print(line, start, stat, stat.isSymlink() ? tree.readlink(start) : null);
      return;
    }
    try (TreeWalk walk = tree.walk(start)) {
      while (walk.next()) {
        byte[] shown = recursive ? joined(start, walk.path()) : walk.name();
        byte[] target = walk.stat().isSymlink() && details ? walk.target() : null;
        print(line, shown, walk.stat(), target);
        if (!recursive) {
          walk.skip();
        }
      }
    }
  }

  private void print(EntryWriter line, byte[] name, Stat stat, byte[] target) throws IOException {
    if (details) {
      line.details(name, stat, target);
    } else {
      line.name(name);
    }
  }

  /** {@code path} below {@code directory}, which may or may not end with a slash. */
  static byte[] joined(byte[] directory, byte[] path) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    joined.writeBytes(directory);
    if (directory.length > 0 && directory[directory.length - 1] != '/') {
      joined.write('/');
    }
    joined.writeBytes(path);
    return joined.toByteArray();
  }

  /** The layer that is meant: by number from the bottom, or by the start of its digest. */
  private StoredLayer layer(StoredImage image) throws CommandFailure {
    List<StoredLayer> layers = image.layers();
    if (layer.matches("[0-9]{1,4}")) {
      int number = Integer.parseInt(layer);
      if (number >= 1 && number <= layers.size()) {
        return layers.get(layers.size() - number);
      }
    } else {
      String start = layer.startsWith("sha256:") ? layer.substring("sha256:".length()) : layer;
      for (StoredLayer candidate : layers) {
        if (!start.isEmpty() && candidate.diffId().hex().startsWith(start)) {
          return candidate;
        }
      }
    }
    throw new CommandFailure(
        ExitStatus.NOT_FOUND,
        text + " has layers 1 to " + layers.size() + ", and no layer " + layer);
  }
}
