/**
 * The image store: unpacked layers and blobs, shared by all images that have them, and the images
 * and names that refer to them. Its layout on disk is described in docs/on-disk.md.
 *
 * <p>Everything becomes visible by one rename after it is complete and on stable storage, so
 * whatever is there is whole, and is taken away in the reverse order; any number of processes may
 * use one store at once ({@link dev.lamina.store.StoreLock}, {@link dev.lamina.store.Pin}).
 */
package dev.lamina.store;
