/**
 * JMH benchmarks of the hot paths, with allocation figures ({@code -prof gc}). Times say nothing
 * across machines: compare within one run.
 */
package dev.lamina.benchmarks;
