package dev.lamina.benchmarks.curve;

import dev.lamina.benchmarks.Contender;
import dev.lamina.benchmarks.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * Measures first writes on ext4 and on a filesystem that shares blocks, each made for it. Every
 * figure is of a mount of its own that has written some small files, in rounds in which the systems
 * take turns; the lowers are in the page cache as far as they fit.
 */
public final class PromotionCurves {
  /** Told about what goes on; on the thread that runs. */
  public interface Progress {
    /** {@code system} is about to write, in a round counted from 1. */
    void writing(String fileSystem, int round, Against against, long at, String system);
  }

  private static final String FILE = "file";

  private final Path directory;
  private final List<Contender> contenders;
  private final Extent extent;
  private final int rounds;
  private final Progress progress;

  /**
   * Curves to measure.
   *
   * @param directory empty, and so in the end; has room for the largest file a few times over
   * @param rounds how often each figure is taken
   */
  public PromotionCurves(
      Path directory, List<Contender> contenders, Extent extent, int rounds, Progress progress) {
    this.directory = directory;
    this.contenders = List.copyOf(contenders);
    this.extent = extent;
    this.rounds = rounds;
    this.progress = progress;
  }

  /**
   * Measures all.
   *
   * @param without told of a filesystem that this host cannot make
   */
  public List<Curve> run(Consumer<String> without) throws IOException, InterruptedException {
    List<Curve> curves = new ArrayList<>();
    for (LoopFileSystem.Kind kind : kinds(without)) {
      try (LoopFileSystem place = LoopFileSystem.make(kind, directory, extent.room())) {
        curves.addAll(on(place, kind.title()));
      }
    }
    return curves;
  }

  private static List<LoopFileSystem.Kind> kinds(Consumer<String> without) {
    List<LoopFileSystem.Kind> kinds = new ArrayList<>();
    if (LoopFileSystem.Kind.EXT4.isInstalled()) {
      kinds.add(LoopFileSystem.Kind.EXT4);
    } else {
      without.accept("no curves on ext4: mkfs.ext4 is not installed");
    }
    if (LoopFileSystem.Kind.XFS.isInstalled()) {
      kinds.add(LoopFileSystem.Kind.XFS);
    } else if (LoopFileSystem.Kind.BTRFS.isInstalled()) {
      kinds.add(LoopFileSystem.Kind.BTRFS);
    } else {
      without.accept("no curves with shared blocks: install xfsprogs or btrfs-progs");
    }
    return kinds;
  }

  private List<Curve> on(LoopFileSystem place, String title)
      throws IOException, InterruptedException {
    List<Curve> curves = new ArrayList<>();
    for (Against against : Against.values()) {
      Path data = Scratch.directory(place.root().resolve("data"));
      Course course = course(against, data);
      Scratch.settle(data);
      curves.add(new Curve(title, against, points(place, title, against, course)));
    }
    return curves;
  }

  /**
   * One curve's data.
   *
   * @param places along it
   * @param at what to do at a place
   */
  private record Course(List<Long> places, Layout at) {}

  /** What is mounted at a place, how often, and which file is written. */
  private interface Layout {
    FirstWrites at(long place);
  }

  private Course course(Against against, Path data) throws IOException {
    return switch (against) {
      case FILE_SIZE -> {
        FirstWrites.makeWarm(data);
        for (long size : extent.sizes()) {
          DataFile.make(data.resolve(FILE + size), size);
        }
        yield new Course(extent.sizes(), size -> new FirstWrites(List.of(data), FILE + size, 1));
      }
      case LAYERS -> {
        List<Integer> counts = extent.layers();
        List<Path> layers = new ArrayList<>();
        for (int i = 0; i < counts.get(counts.size() - 1); i++) {
          layers.add(Files.createDirectory(data.resolve(Integer.toString(i))));
          Files.writeString(layers.get(i).resolve("of" + i), "");
        }
        FirstWrites.makeWarm(layers.get(0));
        // Each depth has a file of its own, at the bottom of its stack.
        for (int count : counts) {
          DataFile.make(layers.get(count - 1).resolve(FILE + count), 1 << 20);
        }
        yield new Course(
            counts.stream().map(Integer::longValue).toList(),
            count -> new FirstWrites(layers.subList(0, (int) count), FILE + count, 1));
      }
      case CONTAINERS -> {
        FirstWrites.makeWarm(data);
        DataFile.make(data.resolve(FILE), extent.sharedSize());
        yield new Course(
            extent.containers().stream().map(Integer::longValue).toList(),
            count -> new FirstWrites(List.of(data), FILE, (int) count));
      }
    };
  }

  private List<Point> points(LoopFileSystem place, String title, Against against, Course course)
      throws IOException, InterruptedException {
    List<PointRounds> all = new ArrayList<>();
    for (long at : course.places()) {
      for (Contender contender : contenders) {
        all.add(new PointRounds(contender, at));
      }
    }
    for (int round = 1; round <= rounds; round++) {
      List<PointRounds> order = new ArrayList<>(all);
      Collections.rotate(order, round - 1);
      for (PointRounds point : order) {
        if (point.isFailed()) {
          continue;
        }
        progress.writing(title, round, against, point.at(), point.contender().name());
        Path scratch = Scratch.directory(place.root().resolve("round"));
        point.add(course.at().at(point.at()), place, scratch);
        Scratch.empty(scratch);
        Scratch.settle(scratch);
      }
    }
    return all.stream().map(PointRounds::toPoint).toList();
  }
}
