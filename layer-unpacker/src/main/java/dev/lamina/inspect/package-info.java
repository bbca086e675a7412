/**
 * Looking inside images of the store without a mount: the merged tree ({@link
 * dev.lamina.inspect.MergedTree}), what distinguishes two of them, an archive of one, and what is
 * recorded about an image. Reads only; memory does not grow with the tree, but for the directories
 * on the way.
 */
package dev.lamina.inspect;
