/**
 * What copy-on-write costs on this host: the same workloads on kernel overlayfs, fuse-overlayfs and
 * Lamina, in interleaved rounds. Systems are mounted as users mount them, by programs of their own,
 * so nothing of Lamina's inside is known here. The micro-benchmarks of its inside are JMH's and
 * live beside the tests.
 */
package dev.lamina.benchmarks;
