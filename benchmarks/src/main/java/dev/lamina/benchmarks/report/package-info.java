/** What was measured, as JSON that programs read and as one page that people look at. */
package dev.lamina.benchmarks.report;
