package dev.lamina.cli;

import dev.lamina.benchmarks.Comparison;
import dev.lamina.benchmarks.Contender;
import dev.lamina.benchmarks.Contenders;
import dev.lamina.benchmarks.IoUringSwitch;
import dev.lamina.benchmarks.Results;
import dev.lamina.benchmarks.Scale;
import dev.lamina.benchmarks.Suite;
import dev.lamina.benchmarks.curve.Curve;
import dev.lamina.benchmarks.curve.Extent;
import dev.lamina.benchmarks.curve.PromotionCurves;
import dev.lamina.benchmarks.report.HostFacts;
import dev.lamina.benchmarks.report.Report;
import dev.lamina.benchmarks.report.ReportFiles;
import dev.lamina.image.Platform;
import dev.lamina.linux.UserNamespace;
import dev.lamina.store.StoredImage;
import dev.lamina.store.StoredLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code lamina bench}: what copy-on-write costs on this host, on each system that it has. */
@Command(
    name = "bench",
    subcommands = BenchCompareCommand.class,
    mixinStandardHelpOptions = true,
    description = {
      "Measure what copy-on-write costs on this host.",
      "The same workloads run on each system in interleaved rounds; medians, and ratios to the first"
          + " system, which is kernel overlayfs where it is there; then what a first write takes, against"
          + " the size of the file, the layers and the containers. Needs root."
    })
final class BenchCommand implements Callable<Integer> {
  private static final String LAUNCHER = "fuse-lamina";
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("'lamina-bench-'yyyyMMdd-HHmmss", Locale.ROOT);

  @ParentCommand private Lamina lamina;
  @Spec private CommandSpec spec;

  /** How much to measure; one of the three. */
  static final class HowMuch {
    private Scale scale = Scale.QUICK;
    private Extent extent = Extent.QUICK;

    private void choose(Scale chosenScale, Extent chosenExtent) {
      scale = chosenScale;
      extent = chosenExtent;
    }

    @Option(names = "--quick", description = "a few minutes (default)")
    void quick(boolean chosen) {
      choose(Scale.QUICK, Extent.QUICK);
    }

    @Option(
        names = "--full",
        description = "larger files, a 1 GiB database, more rounds; takes an hour or so")
    void full(boolean chosen) {
      choose(Scale.FULL, Extent.FULL);
    }

    @Option(names = "--smoke", description = "one small round, to see that all of it works")
    void smoke(boolean chosen) {
      choose(Scale.SMOKE, Extent.SMOKE);
    }
  }

  @ArgGroup private HowMuch howMuch = new HowMuch();

  @Option(
      names = "--systems",
      paramLabel = "NAME",
      split = ",",
      description =
          "what to compare: kernel, plain (a copied directory), fuse-overlayfs, unionfs-fuse,"
              + " lamina, or lamina:OPTION=VALUE:... (default: all that are there, Lamina with and"
              + " without io_uring and passthrough)")
  private List<String> systems;

  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      description = "measure on the layers of this image (default: layers made for it)")
  private String image;

  @Option(
      names = "--large",
      description = "instead: 500 layers, a directory of 200,000 entries, a million files")
  private boolean large;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "where to work: its filesystem is what is measured (default: the state's)")
  private Path directory;

  @Option(names = "--rounds", paramLabel = "N", description = "rounds (default: 3, full: 5)")
  private Integer rounds;

  @Option(names = "--no-curves", description = "the workloads only, no first writes")
  private boolean withoutCurves;

  @Option(
      names = "-o",
      paramLabel = "DIR",
      description = "where results.json and report.html go (default: lamina-bench-DATE-TIME here)")
  private Path output;

  @Override
  public Integer call() throws Exception {
    if (!UserNamespace.isHostRoot()) {
      throw new CommandFailure(ExitStatus.FAILED, "only root can mount kernel overlayfs");
    }
    if (rounds != null && rounds < 1) {
      throw new CommandFailure(ExitStatus.USAGE, "--rounds is 1 or more");
    }
    if (directory != null && !Files.isDirectory(path(directory))) {
      throw new CommandFailure(ExitStatus.FAILED, directory + " is not a directory");
    }
    List<Contender> contenders = contenders();
    Path parent = directory == null ? lamina.root() : path(directory);
    Path place = Files.createTempDirectory(Files.createDirectories(parent), "bench").toRealPath();
    IoUringSwitch ioUring = IoUringSwitch.remember();
    Report report;
    try (BenchProgress progress = new BenchProgress()) {
      report = measure(place, contenders, progress);
    } finally {
      ioUring.putBack();
      Files.delete(place);
    }
    System.out.print(BenchTable.of(report));
    System.out.print(CurveTable.of(report.curves()));
    Path written = output == null ? path(Path.of(NAME.format(now()))) : path(output);
    ReportFiles.write(report, written);
    System.out.println("Written: " + written.resolve("report.html") + ", results.json");
    return ExitStatus.OK;
  }

  /** A path of the command line. */
  Path path(Path given) {
    return lamina.invocation().path(given);
  }

  private static LocalDateTime now() {
    return LocalDateTime.now(ZoneOffset.UTC);
  }

  private static String version() {
    return new VersionProvider().getVersion()[0];
  }

  private static List<String> names(List<Contender> contenders) {
    return contenders.stream().map(Contender::name).toList();
  }

  private Report measure(Path place, List<Contender> contenders, BenchProgress progress)
      throws IOException, InterruptedException, CommandFailure {
    HostFacts host = HostFacts.of(place, version(), names(contenders));
    Results results = new Comparison(place, suite(), contenders, rounds(), progress).run();
    List<Curve> curves = curves(place, contenders, progress);
    return Report.of(host, conditions(!curves.isEmpty()), results, curves);
  }

  /** Of systems that were not asked for, those alone that do it each in a way of its own. */
  private List<Curve> curves(Path place, List<Contender> contenders, BenchProgress progress)
      throws IOException, InterruptedException {
    if (withoutCurves || large) {
      return List.of();
    }
    List<Contender> writing =
        contenders.stream()
            .filter(contender -> !contender.name().equals("plain"))
            .filter(contender -> systems != null || !contender.name().contains(":"))
            .toList();
    return new PromotionCurves(place, writing, howMuch.extent, rounds(), progress)
        .run(System.err::println);
  }

  private List<String> conditions(boolean curves) {
    List<String> all = new ArrayList<>();
    all.add(
        rounds()
            + " rounds in which the systems take turns. In each round every system has a fresh mount"
            + " with an empty upper over the same lowers, and runs all workloads on it, one after"
            + " another.");
    all.add(
        "The lowers are read once before the first round and stay in the page cache as far as they"
            + " fit; what a system itself caches is empty when it mounts. What the filesystem holds"
            + " back is written out before each workload.");
    all.add(
        image == null
            ? "Layers and files are made with a fixed seed, the same on every host."
            : "The layers are those of " + image + ", with one more for what no image has.");
    all.add(
        "plain is the merged tree, copied to a directory (which is its mount): what the filesystem"
            + " itself takes.");
    if (curves) {
      all.add(
          "Each figure of a first write is of a mount of its own that has written fifty small files"
              + " before, on a filesystem in a file, made for it. Containers write all at once; the time is their mean. Bytes are what the"
              + " filesystem has less room for when the file is closed: Lamina copies what is left of"
              + " a file of 4 MiB and more later, when nobody writes it.");
    }
    return all;
  }

  private Suite.Maker suite() throws IOException, CommandFailure {
    return large ? Suite.large(howMuch.scale) : Suite.usual(howMuch.scale, layers());
  }

  private int rounds() {
    return rounds != null ? rounds : howMuch.extent.rounds();
  }

  /** Those asked for must be there; of the usual ones, those that are. */
  private List<Contender> contenders() throws CommandFailure {
    String launcher = launcher();
    List<Contender> found = new ArrayList<>();
    for (String name : systems == null ? usual() : systems) {
      Contender contender = contender(name, launcher);
      Optional<String> absent = contender.absent();
      if (absent.isEmpty()) {
        found.add(contender);
      } else if (systems != null) {
        throw new CommandFailure(ExitStatus.FAILED, name + ": " + absent.get());
      } else {
        System.err.println("without " + name + ": " + absent.get());
      }
    }
    return found;
  }

  private List<String> usual() {
    return large ? Contenders.OF_LARGE : Contenders.USUAL;
  }

  private Contender contender(String name, String launcher) {
    try {
      return Contenders.of(name, launcher);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static String launcher() {
    String home = System.getenv("LAMINA_HOME");
    return home == null ? LAUNCHER : Path.of(home, LAUNCHER).toString();
  }

  /** Topmost first; kernel overlayfs and fuse-overlayfs read the store's trees as they are. */
  private List<Path> layers() throws IOException, CommandFailure {
    if (image == null) {
      return List.of();
    }
    StoredImage stored = lamina.state().image(image, Platform.host());
    return stored.layers().stream().map(StoredLayer::tree).toList();
  }
}
