/**
 * The union of read-only layers and a writable one, with copy-on-write.
 *
 * <p>{@link dev.lamina.overlay.Overlay} is the public face: it opens a stack of layers and offers
 * it as an {@link dev.lamina.overlay.InodeFileSystem}, the seam that transports drive, and by path.
 */
package dev.lamina.overlay;
