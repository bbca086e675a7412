/**
 * Writes images of the store where other programs find them: OCI layouts, in a directory or an
 * archive, and archives as {@code docker save} writes them.
 */
package dev.lamina.save;
