package dev.lamina.inspect.layers;

import dev.lamina.overlay.Change;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** The few largest changes of each kind that a layer makes. */
final class LargestChanges {
  private static final int PER_KIND = 10;

  private final PathTree paths;
  private final Map<Change.Kind, PriorityQueue<Sized>> kinds = new EnumMap<>(Change.Kind.class);

  private record Sized(int path, long bytes) {
    /** Of equal sizes, the path that was met first is the larger. */
    static final Comparator<Sized> ORDER =
        Comparator.comparingLong(Sized::bytes)
            .thenComparing(Sized::path, Comparator.reverseOrder());
  }

  LargestChanges(PathTree paths) {
    this.paths = paths;
  }

  void add(Change.Kind kind, int path, long bytes) {
    PriorityQueue<Sized> largest =
        kinds.computeIfAbsent(kind, k -> new PriorityQueue<>(Sized.ORDER));
    if (largest.size() == PER_KIND && largest.element().bytes >= bytes) {
      return;
    }
    largest.add(new Sized(path, bytes));
    if (largest.size() > PER_KIND) {
      largest.remove();
    }
  }

  /** By kind, the largest first. */
  List<NotableChange> list() {
    List<NotableChange> list = new ArrayList<>();
    kinds.forEach(
        (kind, largest) ->
            largest.stream()
                .sorted(Sized.ORDER.reversed())
                .map(sized -> new NotableChange(kind, paths.path(sized.path), sized.bytes))
                .forEach(list::add));
    return list;
  }
}
