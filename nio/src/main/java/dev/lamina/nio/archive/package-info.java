/**
 * The tree of an image read straight from its archive, in plain Java: {@link
 * dev.lamina.nio.archive.ImageTree}. Names and attributes are in memory, data in a temporary file.
 */
package dev.lamina.nio.archive;
