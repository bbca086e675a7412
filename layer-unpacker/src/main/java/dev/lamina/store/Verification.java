package dev.lamina.store;

import java.util.List;

/**
 * What checking a store found.
 *
 * @param unchecked layers without a recorded digest: of stores of format 1
 */
public record Verification(int blobs, int layers, int unchecked, List<Finding> findings) {
  /** Whether nothing is wrong any more. */
  public boolean isClean() {
    return findings.stream().allMatch(Finding::repaired);
  }
}
