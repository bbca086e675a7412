package dev.lamina.benchmarks.curve;

import java.util.List;

/**
 * First writes of all systems on one filesystem.
 *
 * @param fileSystem its name, and whether it shares blocks
 * @param against what grows
 * @param points by place, then in the systems' order
 */
public record Curve(String fileSystem, Against against, List<Point> points) {}
