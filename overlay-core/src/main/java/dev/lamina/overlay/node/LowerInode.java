package dev.lamina.overlay.node;

/**
 * Which inode of the lowers, whatever name and layer it was found by.
 *
 * @param filesystem as {@link Layer#filesystem}
 * @param ino its number there
 */
public record LowerInode(int filesystem, long ino) {}
