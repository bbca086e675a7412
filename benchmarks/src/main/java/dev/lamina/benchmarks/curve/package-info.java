/**
 * What a first write to a file of a lower costs, against one thing that grows: the file, the layers
 * above it, the containers that write it.
 */
package dev.lamina.benchmarks.curve;
