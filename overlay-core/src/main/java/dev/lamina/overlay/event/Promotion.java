package dev.lamina.overlay.event;

/**
 * One object of a lower on its way into the upper. A large file may come up twice: without its
 * data, when its attributes change, and its data when that does.
 *
 * @param inode its {@code st_ino} in the merged tree
 * @param mode its file type, the bits {@code S_IFMT} of {@code st_mode}
 * @param path where it was when it began, for people: absolute in the merged tree, by one of its
 *     names if it has several, with what is not printable written as {@code \xNN}. Empty for a file
 *     that has no name any more
 */
public record Promotion(long inode, int mode, String path) {}
