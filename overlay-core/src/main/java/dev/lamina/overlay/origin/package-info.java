/**
 * Where an upper object came from, and so by which inode number it is shown: constant over copy-up,
 * rename and remount.
 */
package dev.lamina.overlay.origin;
