/**
 * The inodes of the merged tree and where each lives in the layers. Knows descriptors and names,
 * not how layers are merged or changed.
 *
 * <p><b>Lock order</b>, the one place where it is written down; take them in this order, skip any:
 *
 * <ol>
 *   <li>a {@link dev.lamina.overlay.node.FileNode}'s monitor: its promotion, data copy included
 *   <li>{@link dev.lamina.overlay.node.TreeLock}: shared by every operation that resolves a place
 *       in a layer, exclusive for those that move directories, touch two of them, or change the
 *       links of a file that has an {@link dev.lamina.overlay.node.IndexHome}
 *   <li>{@link dev.lamina.overlay.node.DirNode#lockNames}: the names in one directory, parent
 *       before child; two unrelated ones only under the exclusive tree lock
 *   <li>leaves, never held while taking another: {@link dev.lamina.overlay.node.NodeTable}, {@link
 *       dev.lamina.overlay.node.LayerDir}, {@link dev.lamina.overlay.node.DescriptorCache}
 * </ol>
 *
 * No file data is copied under 2 or 3, so a long promotion stalls nobody but its own file.
 */
package dev.lamina.overlay.node;
