package dev.lamina.cli;

import dev.lamina.benchmarks.Comparison;
import dev.lamina.benchmarks.Contender;
import dev.lamina.benchmarks.Contenders;
import dev.lamina.benchmarks.Results;
import dev.lamina.benchmarks.Scale;
import dev.lamina.benchmarks.Suite;
import dev.lamina.image.Platform;
import dev.lamina.linux.UserNamespace;
import dev.lamina.store.StoredImage;
import dev.lamina.store.StoredLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    mixinStandardHelpOptions = true,
    description = {
      "Measure what copy-on-write costs on this host.",
      "The same workloads run on each system in interleaved rounds; medians, and ratios to the first"
          + " system, which is kernel overlayfs where it is there. Needs root."
    })
final class BenchCommand implements Callable<Integer> {
  private static final String LAUNCHER = "fuse-lamina";
  private static final int QUICK_ROUNDS = 3;
  private static final int FULL_ROUNDS = 5;

  @ParentCommand private Lamina lamina;
  @Spec private CommandSpec spec;

  /** How much to measure; one of the three. */
  static final class HowMuch {
    private Scale scale = Scale.QUICK;

    @Option(names = "--quick", description = "a few minutes (default)")
    void quick(boolean chosen) {
      scale = Scale.QUICK;
    }

    @Option(names = "--full", description = "larger files, a 1 GiB database, more rounds")
    void full(boolean chosen) {
      scale = Scale.FULL;
    }

    @Option(names = "--smoke", description = "one small round, to see that all of it works")
    void smoke(boolean chosen) {
      scale = Scale.SMOKE;
    }
  }

  @ArgGroup private HowMuch howMuch = new HowMuch();

  @Option(
      names = "--systems",
      paramLabel = "NAME",
      split = ",",
      description =
          "what to compare: kernel, fuse-overlayfs, plain (a copied directory), lamina, or"
              + " lamina:OPTION=VALUE:... (default: all but plain, Lamina with and without io_uring"
              + " and passthrough)")
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
  private int rounds;

  @Override
  public Integer call() throws Exception {
    if (!UserNamespace.isHostRoot()) {
      throw new CommandFailure(ExitStatus.FAILED, "only root can mount kernel overlayfs");
    }
    List<Contender> contenders = contenders();
    Path parent = directory == null ? lamina.root() : directory;
    Path place = Files.createTempDirectory(Files.createDirectories(parent), "bench");
    try {
      System.out.print(BenchTable.of(measure(place.toRealPath(), contenders)));
    } finally {
      Files.delete(place);
    }
    return ExitStatus.OK;
  }

  private Results measure(Path place, List<Contender> contenders)
      throws IOException, InterruptedException, CommandFailure {
    try (BenchProgress progress = new BenchProgress()) {
      int times = rounds(howMuch.scale);
      return new Comparison(place, suite(), contenders, times, progress).run();
    }
  }

  private Suite.Maker suite() throws IOException, CommandFailure {
    return large ? Suite.large(howMuch.scale) : Suite.usual(howMuch.scale, layers());
  }

  private int rounds(Scale scale) {
    if (rounds > 0) {
      return rounds;
    }
    return switch (scale) {
      case SMOKE -> 1;
      case QUICK -> QUICK_ROUNDS;
      case FULL -> FULL_ROUNDS;
    };
  }

  /** Those asked for must be there; of the usual ones, those that are. */
  private List<Contender> contenders() throws CommandFailure {
    String launcher = launcher();
    List<Contender> found = new ArrayList<>();
    for (String name : systems == null ? Contenders.USUAL : systems) {
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
