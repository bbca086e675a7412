package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.cli.SemanticsTable.Row;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code docs/semantics.md} is what the probes observe. Lamina's column is checked always; those of
 * the others where their version is that of the page. {@code -Dlamina.semantics.write=true} writes
 * the page instead.
 */
@RequiresKernelOverlay
final class SemanticsIT extends EndToEnd {
  private static final Logger LOG = LoggerFactory.getLogger(SemanticsIT.class);
  private static final Path PAGE = Launcher.CLONE.resolve("docs/semantics.md");
  private static final String FEATURES = "redirect_dir=on,index=on,metacopy=on,xino=on";
  private static final Pattern NUMBERS = Pattern.compile("\\d+\\.\\d+");

  @Test
  @Timeout(value = 1200, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void everyRow_isWhatThePageSays(MountScratch scratch) throws Exception {
    boolean writes = Boolean.getBoolean("lamina.semantics.write");
    String before = Files.exists(PAGE) ? Files.readString(PAGE) : "";
    SemanticsTable committed = SemanticsTable.parse(before);
    Map<String, String> versions = installed();
    versions.keySet().removeIf(system -> !writes && !isChecked(system, versions, committed));
    SemanticsTable observed = observe(scratch, FEATURES, versions).completedFrom(committed);
    checkReasons(observed);
    String now = observed.toMarkdown(FEATURES);
    if (writes) {
      Files.writeString(PAGE, now);
    }
    assertThat(SemanticsTable.difference(writes ? now : before, now))
        .as("%s (-) and what was observed (+)", PAGE)
        .isEmpty();
  }

  /** The versions of what is on this host, by system. */
  private static Map<String, String> installed() throws Exception {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("lamina", "this source tree");
    versions.put("kernel", "Linux " + number(Launcher.sh("uname -r").line()));
    if (Launcher.hasProgram("fuse-overlayfs")) {
      String said = Launcher.sh("fuse-overlayfs --version | grep '^fuse-overlayfs'").line();
      versions.put("fuse-overlayfs", "fuse-overlayfs " + number(said));
    }
    return versions;
  }

  /** Major and minor number in {@code text}. */
  private static String number(String text) {
    Matcher number = NUMBERS.matcher(text);
    assertThat(number.find()).as("a version in %s", text).isTrue();
    return number.group();
  }

  private static boolean isChecked(
      String system, Map<String, String> versions, SemanticsTable committed) {
    boolean same = versions.get(system).equals(committed.versions().get(system));
    if (!same) {
      LOG.info(
          "semantics.md tells of {}, here is {}: the column is not checked",
          committed.versions().get(system),
          versions.get(system));
    }
    return same;
  }

  private static SemanticsTable observe(
      MountScratch scratch, String features, Map<String, String> versions) throws Exception {
    Map<String, SemanticsProbes> running = new LinkedHashMap<>();
    for (String system : versions.keySet()) {
      running.put(system, new SemanticsProbes(scratch, system, features));
    }
    Map<String, Row> rows = new LinkedHashMap<>();
    for (Map.Entry<String, SemanticsProbes> probes : running.entrySet()) {
      for (Map<String, String> seen : probes.getValue().await()) {
        rows.computeIfAbsent(
                seen.get("title") + " " + seen.get("options"),
                key ->
                    new Row(
                        seen.get("group"),
                        seen.get("title"),
                        seen.get("options"),
                        seen.get("because"),
                        new LinkedHashMap<>()))
            .cells()
            .put(probes.getKey(), seen.get("outcome"));
      }
    }
    return new SemanticsTable(versions, new ArrayList<>(rows.values()));
  }

  private static void checkReasons(SemanticsTable table) {
    List<String> wrong = new ArrayList<>();
    for (Row row : table.rows()) {
      if (row.differs() != (row.because() != null)) {
        wrong.add(row.label() + ": " + row.cells() + " because " + row.because());
      }
    }
    assertThat(wrong)
        .as("rows that differ from the kernel without a reason, or the reverse")
        .isEmpty();
  }
}
