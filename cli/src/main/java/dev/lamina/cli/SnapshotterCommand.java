package dev.lamina.cli;

import com.google.common.collect.ImmutableList;
import dev.lamina.cli.log.Log;
import dev.lamina.linux.ProcessLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code lamina snapshotter}: snapshots for containerd, until a signal ends it. */
@Command(
    name = "snapshotter",
    mixinStandardHelpOptions = true,
    description = {
      "Serve containerd as a proxy snapshotter on a unix socket, in the foreground.",
      "Snapshots are kept in DIR/snapshotter of --root DIR."
    })
final class SnapshotterCommand implements Callable<Integer> {
  /** The snapshotter says these itself. */
  private static final Set<String> RESERVED =
      Set.of("lowerdir", "upperdir", "workdir", "index", "marks", "uidmapping", "gidmapping", "ro");

  @ParentCommand private Lamina lamina;

  @Option(
      names = "--address",
      paramLabel = "SOCKET",
      required = true,
      description = "the socket that containerd's proxy_plugins name")
  private Path address;

  @Option(
      names = "--mount-program",
      paramLabel = "PROGRAM",
      description =
          "what mount.fuse3 runs for a mount: a path, or a name in containerd's PATH (default:"
              + " fuse-lamina beside this lamina)")
  private String mountProgram;

  @Option(
      names = "-o",
      paramLabel = "OPTIONS",
      split = ",",
      description =
          "more options of each mount, as of fuse-lamina; daemon=on for one server of all")
  private List<String> mountOptions = List.of();

  @Option(
      names = "--upperdir-label",
      description =
          "tell where each snapshot's own files are, by the label"
              + " containerd.io/snapshot/overlay.upperdir")
  private boolean upperLabel;

  @Override
  public Integer call() throws Exception {
    for (String option : mountOptions) {
      if (RESERVED.contains(option.split("=", 2)[0])) {
        throw new CommandFailure(ExitStatus.USAGE, "-o " + option + " is the snapshotter's to say");
      }
    }
    Log.suggest(Level.INFO);
    ProcessLimits.raiseDescriptors();
    SnapshotterServer.run(
        lamina.root().toAbsolutePath().normalize().resolve("snapshotter"),
        lamina.invocation().path(address),
        program(),
        ImmutableList.copyOf(mountOptions),
        upperLabel);
    return ExitStatus.OK;
  }

  private String program() {
    if (mountProgram != null) {
      return mountProgram;
    }
    return lamina
        .invocation()
        .variable("LAMINA_HOME")
        .map(home -> Path.of(home, "fuse-lamina").toString())
        .orElse("fuse-lamina");
  }
}
