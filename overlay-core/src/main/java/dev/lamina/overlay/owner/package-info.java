/**
 * Whose the objects of the merged tree are: the numbers that layers keep against those that are
 * shown ({@link dev.lamina.overlay.owner.Ownership}), and layers that keep owner, mode and device
 * number in an xattr, because whoever wrote them was not root ({@link
 * dev.lamina.overlay.owner.OwnerRecords}). Knows names and descriptors, but no nodes.
 */
package dev.lamina.overlay.owner;
