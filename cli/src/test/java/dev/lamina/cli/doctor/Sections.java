package dev.lamina.cli.doctor;

/** Looks findings up by name. */
final class Sections {
  private Sections() {}

  static Finding find(Section section, String name) {
    return section.findings().stream()
        .filter(finding -> finding.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in " + section.findings()));
  }

  static Finding.State state(Section section, String name) {
    return find(section, name).state();
  }

  /** Every finding says what it costs or gains; one that asks for something says how. */
  static void requireComplete(Section section) {
    for (Finding finding : section.findings()) {
      boolean complete =
          !finding.name().isBlank()
              && !finding.seen().isBlank()
              && !finding.effect().isBlank()
              && (finding.state() != Finding.State.PROBLEM || finding.remedy().isPresent());
      if (!complete) {
        throw new AssertionError(finding + " is not complete");
      }
    }
  }
}
