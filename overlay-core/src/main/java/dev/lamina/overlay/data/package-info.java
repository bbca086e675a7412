/**
 * How the data of a file gets into the upper: copied at once, or, for large files, block by block
 * while the file is in use. Knows descriptors and blocks, not names.
 *
 * <p>A {@link dev.lamina.overlay.data.PartialFile} is changed under the monitor of its {@link
 * dev.lamina.overlay.node.FileNode}, the first lock of the order in {@link
 * dev.lamina.overlay.node}; its own lock for syncs comes before that.
 */
package dev.lamina.overlay.data;
