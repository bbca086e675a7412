package dev.lamina.cli;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code docs/semantics.md}: one row per semantic, one column per union filesystem. A column says
 * which version it was observed on.
 *
 * @param versions of {@link #SYSTEMS}, in that order; empty where one was not observed
 */
record SemanticsTable(Map<String, String> versions, List<Row> rows) {
  /** The columns, by the names that the probes know the programs by. */
  static final List<String> SYSTEMS = List.of("lamina", "kernel", "fuse-overlayfs");

  private static final Pattern VERSION = Pattern.compile("(?m)^- (\\S+): (.+)$");
  private static final Pattern CELLS =
      Pattern.compile(
          "(?m)^\\| (?!semantic )(.+?)(?: \\[\\d+\\])? \\| (.+) \\| (.+) \\| (.+) \\|$");

  /** One semantic as it was observed, by system. */
  record Row(
      String group, String title, String options, String because, Map<String, String> cells) {
    boolean differs() {
      return !cells.get("lamina").equals(cells.get("kernel"));
    }

    String label() {
      return options.isEmpty() || title.contains(options) ? title : title + " (`" + options + "`)";
    }
  }

  /** This table with the columns of {@code committed} where it has none of its own. */
  SemanticsTable completedFrom(SemanticsTable committed) {
    Map<String, Map<String, String>> known = new LinkedHashMap<>();
    committed.rows.forEach(row -> known.put(row.label(), row.cells));
    Map<String, String> allVersions = new LinkedHashMap<>(committed.versions);
    allVersions.putAll(versions);
    List<Row> all = new ArrayList<>();
    for (Row row : rows) {
      Map<String, String> cells = new LinkedHashMap<>(known.getOrDefault(row.label(), Map.of()));
      cells.putAll(row.cells);
      SYSTEMS.forEach(system -> cells.putIfAbsent(system, "not observed"));
      all.add(new Row(row.group, row.title, row.options, row.because, cells));
    }
    return new SemanticsTable(allVersions, all);
  }

  String toMarkdown(String features) {
    StringBuilder versionLines = new StringBuilder();
    for (String system : SYSTEMS) {
      Optional.ofNullable(versions.get(system))
          .ifPresent(
              v -> versionLines.append("- ").append(system).append(": ").append(v).append('\n'));
    }
    StringBuilder text = new StringBuilder(head(features, versionLines.toString()));
    String group = "";
    List<String> notes = new ArrayList<>();
    for (Row row : rows) {
      if (!row.group.equals(group)) {
        endGroup(text, notes);
        group = row.group;
        text.append("\n## ").append(group).append("\n\n");
        text.append(
            "| semantic | Lamina | kernel overlayfs | fuse-overlayfs |\n|---|---|---|---|\n");
      }
      text.append("| ").append(escaped(row.label()));
      if (row.because != null) {
        notes.add(row.because);
        text.append(" [").append(notes.size()).append(']');
      }
      SYSTEMS.forEach(system -> text.append(" | ").append(escaped(row.cells.get(system))));
      text.append(" |\n");
    }
    endGroup(text, notes);
    return text.toString();
  }

  private static String head(String features, String versions) {
    return """
      # Semantics

      What programs see on a Lamina mount, on kernel overlayfs and on fuse-overlayfs. Each cell is what
      a probe observed on a mount; none was written by hand. The probes are in
      `cli/src/test/resources/dev/lamina/cli/semantics`; `mvn verify` runs them and fails where this page
      is not what they observe. To write it anew (as root, with `fuse-overlayfs` installed):

          mvn -B -pl cli -am verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \\
            -Dit.test=SemanticsIT -Dfailsafe.failIfNoSpecifiedTests=false -Dlamina.semantics.write=true

      Observed on two lowers and an upper of one ext4, mounted by `fuse-lamina`, `mount -t overlay` and
      `fuse-overlayfs`; the first two with `%s` unless the row says otherwise:

      %s
      An error is named by its errno. Where Lamina differs from kernel overlayfs, a note says why.
      """
        .formatted(features, versions);
  }

  private static void endGroup(StringBuilder text, List<String> notes) {
    for (int i = 0; i < notes.size(); i++) {
      text.append(i == 0 ? "\n" : "").append(i + 1).append(". ").append(notes.get(i)).append(".\n");
    }
    notes.clear();
  }

  private static String escaped(String cell) {
    return cell.replace("|", "\\|");
  }

  /** What {@link #toMarkdown} wrote, as far as {@link #completedFrom} needs it. */
  static SemanticsTable parse(String markdown) {
    ImmutableMap.Builder<String, String> versions = ImmutableMap.builder();
    for (Matcher line = VERSION.matcher(markdown); line.find(); ) {
      versions.put(line.group(1), line.group(2));
    }
    List<Row> rows = new ArrayList<>();
    for (Matcher line = CELLS.matcher(markdown); line.find(); ) {
      Map<String, String> cells = new LinkedHashMap<>();
      for (int i = 0; i < SYSTEMS.size(); i++) {
        cells.put(SYSTEMS.get(i), line.group(i + 2).replace("\\|", "|"));
      }
      rows.add(new Row("", line.group(1).replace("\\|", "|"), "", null, cells));
    }
    return new SemanticsTable(versions.buildOrThrow(), rows);
  }

  /** The lines of {@code now} that {@code before} has not, and the reverse, for people. */
  static String difference(String before, String now) {
    List<String> old = before.lines().toList();
    List<String> fresh = now.lines().toList();
    StringBuilder text = new StringBuilder();
    Iterables.filter(old, line -> !fresh.contains(line))
        .forEach(line -> text.append("- ").append(line).append('\n'));
    Iterables.filter(fresh, line -> !old.contains(line))
        .forEach(line -> text.append("+ ").append(line).append('\n'));
    return text.toString();
  }
}
