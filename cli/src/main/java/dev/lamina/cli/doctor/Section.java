package dev.lamina.cli.doctor;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The findings about one subject, in the order they are shown. Not thread-safe. */
public final class Section {
  private final String title;
  private final boolean neededForMounts;
  private final List<Finding> findings = new ArrayList<>();

  private Section(String title, boolean neededForMounts) {
    this.title = title;
    this.neededForMounts = neededForMounts;
  }

  /** About something without which nothing can be mounted: a problem there is fatal. */
  static Section ofMounting(String title) {
    return new Section(title, true);
  }

  /** About anything else. */
  static Section of(String title) {
    return new Section(title, false);
  }

  public String title() {
    return title;
  }

  public ImmutableList<Finding> findings() {
    return ImmutableList.copyOf(findings);
  }

  public boolean hasProblem() {
    return findings.stream().anyMatch(finding -> finding.state() == Finding.State.PROBLEM);
  }

  /** Whether what was found here keeps Lamina from mounting. */
  public boolean preventsMounts() {
    return neededForMounts && hasProblem();
  }

  @CanIgnoreReturnValue
  Section ok(String name, String seen, String effect) {
    return add(name, Finding.State.OK, seen, effect, Optional.empty());
  }

  @CanIgnoreReturnValue
  Section note(String name, String seen, String effect) {
    return add(name, Finding.State.NOTE, seen, effect, Optional.empty());
  }

  @CanIgnoreReturnValue
  Section note(String name, String seen, String effect, String remedy) {
    return add(name, Finding.State.NOTE, seen, effect, Optional.of(remedy));
  }

  @CanIgnoreReturnValue
  Section problem(String name, String seen, String effect, String remedy) {
    return add(name, Finding.State.PROBLEM, seen, effect, Optional.of(remedy));
  }

  private Section add(
      String name, Finding.State state, String seen, String effect, Optional<String> remedy) {
    findings.add(new Finding(name, state, seen, effect, remedy));
    return this;
  }
}
