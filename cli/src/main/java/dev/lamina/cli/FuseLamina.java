package dev.lamina.cli;

import dev.lamina.cli.log.Log;
import dev.lamina.cli.log.LogFile;
import dev.lamina.linux.Bindings;
import dev.lamina.linux.Mounts;
import dev.lamina.overlay.Index;
import dev.lamina.overlay.LowerLayer;
import dev.lamina.overlay.Metacopies;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.RedirectDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.event.Level;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The command line of fuse-overlayfs, which podman, buildah and CRI-O call a mount program.
 *
 * <p>It is described by calls and not by annotations: reading those would take a sixth of the time
 * from exec to a live mount.
 */
final class FuseLamina implements Callable<Integer> {
  private static final String LOG = "fuse-lamina.log";

  private final OptionSpec optionStrings =
      OptionSpec.builder("-o")
          .paramLabel("OPTIONS")
          .type(List.class)
          .auxiliaryTypes(String.class)
          .description("lowerdir=A:B[,upperdir=U,workdir=W][,...]; may be given several times")
          .build();

  /** The launcher sees this option, as -d and "debug", and does not detach the server. */
  private final OptionSpec foreground =
      OptionSpec.builder("-f").type(boolean.class).description("stay in the foreground").build();

  private final OptionSpec debug =
      OptionSpec.builder("-d").type(boolean.class).description("as -f, and log in detail").build();

  private final PositionalParamSpec positionals =
      PositionalParamSpec.builder()
          .arity("1..2")
          .required(true)
          .paramLabel("[SOURCE] MOUNTPOINT")
          .hideParamSyntax(true)
          .type(List.class)
          .auxiliaryTypes(String.class)
          .description("a source, as mount(8) passes one, is only shown")
          .build();

  private final OverlayOptions.Builder overlay = OverlayOptions.builder();
  private final OwnerArguments owners = new OwnerArguments();
  private final List<String> lowers = new ArrayList<>();
  private final List<String> dataLowers = new ArrayList<>();
  private String upper;
  private String work;
  private RedirectDir redirectDir;
  private Metacopies metacopies = Metacopies.AUTO;
  private LowerLayer.Marks marks = LowerLayer.Marks.ANY;
  private long mountFlags;
  private boolean readOnly;
  private boolean allowOther;
  private final ServingOptions serving = new ServingOptions();
  private final Invocation invocation;

  FuseLamina() {
    this(Invocation.ofProcess());
  }

  FuseLamina(Invocation invocation) {
    this.invocation = invocation;
  }

  public static void main(String[] args) {
    Log.begin(System.getenv());
    Bindings.prepare();
    System.exit(CommandLines.run(CommandLines.of(new FuseLamina().spec()), args));
  }

  CommandSpec spec() {
    CommandSpec spec =
        CommandSpec.wrapWithoutInspection(this)
            .name("fuse-lamina")
            .versionProvider(new VersionProvider())
            .addOption(debug)
            .addOption(foreground)
            .addOption(
                OptionSpec.builder("-h", "--help")
                    .usageHelp(true)
                    .type(boolean.class)
                    .description("Show this help message and exit.")
                    .build())
            .addOption(optionStrings)
            .addOption(
                OptionSpec.builder("-V", "--version")
                    .versionHelp(true)
                    .type(boolean.class)
                    .description("Print version information and exit.")
                    .build())
            .addPositional(positionals);
    spec.usageMessage().description("Mounts a union of directories, like fuse-overlayfs.");
    return spec;
  }

  @Override
  public Integer call() throws Exception {
    if (Boolean.TRUE.equals(debug.getValue())) {
      Log.say(Level.DEBUG);
    } else if (Boolean.TRUE.equals(foreground.getValue())) {
      Log.suggest(Level.INFO);
    }
    List<String> strings = optionStrings.getValue();
    for (String options : strings == null ? List.<String>of() : strings) {
      for (OverlayArguments.Option option : OverlayArguments.parse(options)) {
        if (!take(option)) {
          System.err.println("fuse-lamina: unknown option ignored: " + option.name());
        }
      }
    }
    DaemonUse.require(invocation);
    serving.requirePossible();
    if (lowers.isEmpty()) {
      throw new CommandFailure(ExitStatus.USAGE, "no lowerdir= given in -o");
    }
    if ((upper == null) != (work == null)) {
      throw new CommandFailure(
          ExitStatus.USAGE, "upperdir= and workdir= go together: one of them is missing");
    }
    overlay.ownership(owners.ownership()).upperOwners(owners.records());
    overlay.upperMarks(marks);
    for (String lower : lowers) {
      overlay.addLower(new LowerLayer(absolute(lower), marks, owners.records()));
    }
    dataLowers.forEach(data -> overlay.addDataLower(absolute(data)));
    reconcile();
    if (upper != null) {
      overlay.writable(absolute(upper), absolute(work));
    }
    List<String> places = positionals.getValue();
    Path mountPoint = Path.of(places.get(places.size() - 1));
    String source = places.size() > 1 ? places.get(0) : "lamina";
    MountServer server = new MountServer(overlay.build(), invocation.path(mountPoint), source);
    server.addMountFlags(mountFlags);
    server.serving(serving);
    if (readOnly) {
      server.readOnly();
    }
    if (allowOther) {
      server.allowOther();
    }
    server.run(invocation, log(), mount -> {});
    return ExitStatus.OK;
  }

  /**
   * As the environment says; else one for all mounts that are made like this, where daemons are.
   */
  private Optional<LogFile> log() {
    Optional<LogFile> named =
        invocation.variable("LAMINA_LOG").map(this::absolute).map(LogFile::unbounded);
    if (named.isPresent() || !invocation.isDetached()) {
      return named;
    }
    try {
      return Optional.of(LogFile.bounded(RuntimeDirectory.of(invocation).resolve(LOG)));
    } catch (IOException | CommandFailure e) {
      // Whoever needs it names another place.
      return Optional.empty();
    }
  }

  private Path absolute(String path) {
    return invocation.path(Path.of(path));
  }

  /** Takes one option; false if there is none of that name. */
  boolean take(OverlayArguments.Option option) throws CommandFailure {
    switch (option.name()) {
      case "lowerdir" -> lowerDirectories(option.value());
      case "upperdir" -> upper = option.text();
      case "workdir" -> work = option.text();
      case "volatile" -> overlay.volatileUpper(true);
      case "fsync" -> {
        boolean wanted = !option.text().equals("0");
        overlay.syncBeforePublish(wanted).syncOnRequest(wanted);
      }
      case "userxattr" -> overlay.privateXattrs(OverlayOptions.PrivateXattrs.USER);
      case "redirect_dir" -> redirectDir = redirectDir(option.text());
      case "metacopy" -> metacopies = metacopies(option.text());
      case "partial" -> partial(option.text());
      case "marks" -> marks = marks(option.text());
      case "index" -> overlay.index(index(option.text()));
      case "ro" -> readOnly = true;
      case "nosuid" -> mountFlags |= Mounts.MS_NOSUID;
      case "nodev" -> mountFlags |= Mounts.MS_NODEV;
      case "noexec" -> mountFlags |= Mounts.MS_NOEXEC;
      case "noatime" -> {
        mountFlags |= Mounts.MS_NOATIME;
        overlay.accessTimes(false);
      }
      case "allow_other" -> allowOther = true;
      case "debug" -> Log.say(Level.DEBUG);
      case "daemon" -> DaemonUse.require("daemon=", option.text());
      case "rw", "suid", "dev", "exec", "atime", "default_permissions", "async", "xino" -> {
        // What is the case anyway.
      }
      default -> {
        return owners.take(option) || serving.take(option);
      }
    }
    return true;
  }

  private void lowerDirectories(String value) throws CommandFailure {
    OverlayArguments.Lowers parsed = OverlayArguments.lowers(value);
    lowers.addAll(parsed.layers());
    dataLowers.addAll(parsed.dataOnly());
  }

  private static Metacopies metacopies(String value) throws CommandFailure {
    return switch (value) {
      case "on" -> Metacopies.ON;
      case "off" -> Metacopies.OFF;
      default -> throw new CommandFailure(ExitStatus.USAGE, "metacopy= is on or off, not " + value);
    };
  }

  private void partial(String value) throws CommandFailure {
    switch (value) {
      case "on" -> overlay.partialFrom(OverlayOptions.PARTIAL_FROM);
      case "off" -> overlay.partialFrom(Long.MAX_VALUE);
      default -> throw new CommandFailure(ExitStatus.USAGE, "partial= is on or off, not " + value);
    }
  }

  /** As the kernel: both asked for is a contradiction, one decides over the other's default. */
  private void reconcile() throws CommandFailure {
    if (metacopies == Metacopies.ON && redirectDir != null && redirectDir != RedirectDir.ON) {
      throw new CommandFailure(ExitStatus.USAGE, "metacopy=on needs redirect_dir=on");
    }
    overlay.metacopies(metacopies);
    if (redirectDir != null) {
      overlay.redirectDir(redirectDir);
    }
  }

  private static RedirectDir redirectDir(String value) throws CommandFailure {
    return switch (value) {
      case "on" -> RedirectDir.ON;
      case "follow" -> RedirectDir.FOLLOW;
      case "nofollow" -> RedirectDir.NOFOLLOW;
      case "off" -> RedirectDir.OFF;
      default ->
          throw new CommandFailure(
              ExitStatus.USAGE, "redirect_dir= is on, follow, nofollow or off, not " + value);
    };
  }

  private static LowerLayer.Marks marks(String value) throws CommandFailure {
    return switch (value) {
      case "any" -> LowerLayer.Marks.ANY;
      case "kernel" -> LowerLayer.Marks.KERNEL;
      default ->
          throw new CommandFailure(ExitStatus.USAGE, "marks= is any or kernel, not " + value);
    };
  }

  private static Index index(String value) throws CommandFailure {
    return switch (value) {
      case "on" -> Index.ON;
      case "off" -> Index.OFF;
      default -> throw new CommandFailure(ExitStatus.USAGE, "index= is on or off, not " + value);
    };
  }
}
