package dev.lamina.cli;

import dev.lamina.layer.TreeDigest;
import dev.lamina.linux.Identity;
import dev.lamina.overlay.Change;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.store.StoredImage;
import dev.lamina.store.StoredLayer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina demo}: the main job from end to end, each step told in a line. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Unpack an image, mount it, run a program in it, change it, show what changed.",
      "Works in a directory of its own, which it removes."
    })
final class DemoCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Parameters(
      arity = "0..1",
      paramLabel = "IMAGE",
      description = "whatever lamina unpack takes (default: one made of this host's programs)")
  private String image;

  private final PrintStream out = System.out;
  private int step;

  @Override
  public Integer call() throws Exception {
    try (DemoScratch scratch = DemoScratch.beside(lamina.root())) {
      run(scratch);
    }
    tell("cleaned up; nothing is left of the demo");
    return ExitStatus.OK;
  }

  private void run(DemoScratch scratch) throws Exception {
    String source = image;
    if (source == null) {
      source = HostImage.build(scratch.directory());
      tell("built a three-layer image of this host's own programs: " + source);
    }
    State state = State.open(scratch.directory().resolve("state"), lamina.invocation());
    StoredImage stored = state.unpack(source, null);
    String size = ImagesCommand.size(stored.bytes());
    tell(
        "unpacked and verified "
            + stored.layers().size()
            + " layers, "
            + size
            + ": "
            + stored.id());
    List<String> before = digests(stored);

    Container container = scratch.container(state, stored);
    OverlayOptions layers = Stacks.of(state, stored, container);
    Path merged = scratch.mountPoint();
    try (DemoMount mount = DemoMount.open(layers, merged)) {
      tell("mounted on " + mount.mountPoint());
      show("ls -l /", shell(merged, "ls -l / | head -n 8"));
      tell("a program of the image, run in a chroot:");
      show("uname -s; id -u; cat /etc/motd", shell(merged, "uname -s; id -u; cat /etc/motd"));
      change(merged);
      tell("what the writable layer changed (A added, C changed, D deleted):");
      for (Change change : Overlay.changes(layers)) {
        out.println("     " + change);
      }
    }
    tell("unmounted");

    if (!digests(stored).equals(before)) {
      throw new CommandFailure(ExitStatus.INTERNAL, "a lower layer was changed");
    }
    tell("the " + before.size() + " lower layers are byte for byte what they were");

    try (DemoMount mount = DemoMount.open(layers, merged)) {
      tell("mounted again on " + mount.mountPoint() + "; the changes are still there:");
      show("cat /etc/motd /srv/hello", shell(merged, "cat /etc/motd /srv/hello"));
    }
    tell("unmounted");
  }

  private void change(Path merged) throws Exception {
    tell("changing a file of a lower layer, deleting one, creating one:");
    String script = "echo changed >> /etc/motd; rm /etc/group; echo hello > /srv/hello";
    show(script, shell(merged, script));
  }

  private static List<String> digests(StoredImage stored) throws IOException {
    List<String> digests = new ArrayList<>();
    for (StoredLayer layer : stored.layers()) {
      digests.add(TreeDigest.of(layer.tree()).toString());
    }
    return digests;
  }

  /** Runs a script by the image's own shell, in a chroot, and gives its lines. */
  private static List<String> shell(Path root, String script) throws Exception {
    List<String> command = new ArrayList<>();
    if (Identity.processUid() != 0) {
      command.addAll(List.of("unshare", "--map-root-user"));
    }
    command.addAll(List.of("chroot", root.toString(), "/bin/sh", "-e", "-c", script));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    Process process = builder.start();
    process.getOutputStream().close();
    List<String> lines = process.inputReader().lines().toList();
    int status = process.waitFor();
    if (status != 0) {
      throw new CommandFailure(
          ExitStatus.FAILED,
          "\"" + script + "\" in the image ended with " + status + ": " + String.join("; ", lines));
    }
    return lines;
  }

  private void show(String command, List<String> lines) {
    out.println("     # " + command);
    lines.forEach(line -> out.println("     " + line));
  }

  private void tell(String line) {
    out.println(++step + ". " + line);
  }
}
