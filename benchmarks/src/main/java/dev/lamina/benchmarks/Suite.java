package dev.lamina.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Layers, and what is measured on them. */
public interface Suite {
  /** Makes the data of a suite, which takes a while. */
  interface Maker {
    /** Makes it in {@code directory}, which is empty. */
    Suite make(Path directory) throws IOException, InterruptedException;
  }

  /** The layers to stack, topmost first. */
  List<Path> lowers();

  /** In the order in which they run. */
  List<Workload> workloads();

  /** What programs do in containers, on the layers of an image; made ones where there is none. */
  static Maker usual(Scale scale, List<Path> image) {
    return directory -> {
      BenchmarkData data = BenchmarkData.make(directory, scale, image);
      List<Workload> workloads = Workloads.of(data);
      return of(data.lowers(), workloads);
    };
  }

  /** Many layers, entries and files. */
  static Maker large(Scale scale) {
    return directory -> LargeStack.make(directory, scale);
  }

  /** A suite of these. */
  static Suite of(List<Path> lowers, List<Workload> workloads) {
    return new Suite() {
      @Override
      public List<Path> lowers() {
        return lowers;
      }

      @Override
      public List<Workload> workloads() {
        return workloads;
      }
    };
  }
}
