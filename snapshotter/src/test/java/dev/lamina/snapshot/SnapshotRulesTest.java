package dev.lamina.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.snapshot.SnapshotException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Keys, names and parents, by random operations against a map that follows the same rules. */
final class SnapshotRulesTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d", "");

  /** An operation on two of few names, so that they meet. */
  record Step(String what, String first, String second) {}

  /** What the map has. */
  record Entry(Kind kind, String parent) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<String> names = Arbitraries.of(NAMES);
    return Combinators.combine(
            Arbitraries.of("prepare", "prepare", "view", "commit", "commit", "remove"),
            names,
            names)
        .as(Step::new)
        .list()
        .ofMinSize(5)
        .ofMaxSize(25);
  }

  @Property(tries = 40, seed = "11", shrinking = ShrinkingMode.BOUNDED)
  void operations_haveTheOutcomeOfTheMap(@ForAll("steps") List<Step> steps) throws Exception {
    Path root = Files.createTempDirectory("lamina-snapshots");
    Map<String, Entry> model = new TreeMap<>();
    try (Snapshots snapshots = Snapshots.open(root, SnapshotOptions.DEFAULT)) {
      for (Step step : steps) {
        assertThat(outcome(snapshots, step))
            .as("%s with %s", step, model)
            .isEqualTo(expected(model, step));
        Map<String, Entry> real = new TreeMap<>();
        for (SnapshotInfo info : snapshots.list(List.of())) {
          real.put(info.name(), new Entry(info.kind(), info.parent()));
        }
        assertThat(real).as("after %s", step).isEqualTo(model);
        try (var directories = Files.list(root.resolve("snapshots"))) {
          assertThat(directories).hasSize(model.size());
        }
      }
    } finally {
      dev.lamina.linux.TreeRemoval.remove(
          dev.lamina.linux.At.FDCWD, dev.lamina.linux.Name.of(root.toString()));
    }
  }

  private static Optional<Reason> outcome(Snapshots snapshots, Step step) throws Exception {
    try {
      switch (step.what()) {
        case "prepare" -> snapshots.prepare(step.first(), step.second(), Map.of());
        case "view" -> snapshots.view(step.first(), step.second(), Map.of());
        case "commit" -> snapshots.commit(step.first(), step.second(), Map.of());
        default -> snapshots.remove(step.first());
      }
      return Optional.empty();
    } catch (SnapshotException e) {
      return Optional.of(e.reason());
    }
  }

  private static Optional<Reason> expected(Map<String, Entry> model, Step step) {
    String first = step.first();
    String second = step.second();
    return switch (step.what()) {
      case "prepare" -> create(model, Kind.ACTIVE, first, second);
      case "view" -> create(model, Kind.VIEW, first, second);
      case "commit" -> commit(model, first, second);
      default -> remove(model, first);
    };
  }

  private static Optional<Reason> create(
      Map<String, Entry> model, Kind kind, String key, String parent) {
    if (key.isEmpty()) {
      return Optional.of(Reason.INVALID_ARGUMENT);
    }
    if (!parent.isEmpty() && !model.containsKey(parent)) {
      return Optional.of(Reason.NOT_FOUND);
    }
    if (!parent.isEmpty() && model.get(parent).kind() != Kind.COMMITTED) {
      return Optional.of(Reason.INVALID_ARGUMENT);
    }
    if (model.containsKey(key)) {
      return Optional.of(Reason.ALREADY_EXISTS);
    }
    model.put(key, new Entry(kind, parent));
    return Optional.empty();
  }

  private static Optional<Reason> commit(Map<String, Entry> model, String name, String key) {
    if (name.isEmpty()) {
      return Optional.of(Reason.INVALID_ARGUMENT);
    }
    if (model.containsKey(name)) {
      return Optional.of(Reason.ALREADY_EXISTS);
    }
    if (!model.containsKey(key)) {
      return Optional.of(Reason.NOT_FOUND);
    }
    if (model.get(key).kind() != Kind.ACTIVE) {
      return Optional.of(Reason.FAILED_PRECONDITION);
    }
    model.put(name, new Entry(Kind.COMMITTED, model.remove(key).parent()));
    return Optional.empty();
  }

  private static Optional<Reason> remove(Map<String, Entry> model, String key) {
    if (!model.containsKey(key)) {
      return Optional.of(Reason.NOT_FOUND);
    }
    if (model.values().stream().anyMatch(entry -> entry.parent().equals(key))) {
      return Optional.of(Reason.FAILED_PRECONDITION);
    }
    model.remove(key);
    return Optional.empty();
  }
}
