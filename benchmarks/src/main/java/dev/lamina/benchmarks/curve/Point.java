package dev.lamina.benchmarks.curve;

import java.util.List;
import java.util.Optional;

/**
 * One system at one place of a curve.
 *
 * @param system as results call it
 * @param at how large, how many
 * @param seconds of each round, from open to close of the first write; the mean of several
 *     containers'
 * @param bytes of each round that the filesystem has less room for when the file is closed; all
 *     containers together
 * @param failure why the system cannot do it; empty where it can
 */
public record Point(
    String system, long at, List<Double> seconds, List<Long> bytes, Optional<String> failure) {}
