package dev.lamina.cli;

import com.google.common.collect.ImmutableList;
import dev.lamina.linux.ProcessLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
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
  private static final Set<String> LEVELS = Set.of("error", "warn", "info", "debug");

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

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "info",
      description = "error, warn, info or debug (default: ${DEFAULT-VALUE})")
  private String logLevel;

  @Override
  public Integer call() throws Exception {
    if (!LEVELS.contains(logLevel)) {
      throw new CommandFailure(
          ExitStatus.USAGE, "--log-level is error, warn, info or debug, not " + logLevel);
    }
    for (String option : mountOptions) {
      if (RESERVED.contains(option.split("=", 2)[0])) {
        throw new CommandFailure(ExitStatus.USAGE, "-o " + option + " is the snapshotter's to say");
      }
    }
    // No logger of these packages exists yet.
    System.setProperty("org.slf4j.simpleLogger.log.dev.lamina", logLevel);
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
