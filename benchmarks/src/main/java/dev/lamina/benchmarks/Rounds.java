package dev.lamina.benchmarks;

import java.util.List;

/**
 * One figure, taken several times.
 *
 * @param values in the order in which they were taken; one at least
 */
public record Rounds(List<Double> values) {
  public Rounds {
    values = List.copyOf(values);
  }

  /** The median. */
  public double median() {
    double[] sorted = sorted();
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** How far they are apart: the largest less the smallest, as a part of the median. */
  public double spread() {
    double[] sorted = sorted();
    double median = median();
    return median == 0 ? 0 : (sorted[sorted.length - 1] - sorted[0]) / median;
  }

  /** The median as a multiple of another's. */
  public double ratioTo(Rounds base) {
    return median() / base.median();
  }

  /**
   * Whether the rounds of either are further apart than the ratio is from 1. Nobody knows of a
   * single one.
   */
  public boolean isNoiseBeside(Rounds base) {
    if (values.size() < 2 || base.values.size() < 2) {
      return true;
    }
    double ratio = ratioTo(base);
    return Math.max(base.spread(), spread() * ratio) > Math.abs(ratio - 1);
  }

  private double[] sorted() {
    return values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }
}
