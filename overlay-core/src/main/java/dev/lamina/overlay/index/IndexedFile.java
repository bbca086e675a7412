package dev.lamina.overlay.index;

import dev.lamina.overlay.node.IndexHome;
import dev.lamina.overlay.node.LowerInode;

/**
 * What the index says of a file that was found by a name in the upper.
 *
 * @param inode the lower inode that it was copied from
 * @param ino the number of that inode in the merged tree
 * @param home its entry
 */
public record IndexedFile(LowerInode inode, long ino, IndexHome home) {}
