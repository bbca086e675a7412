/** Mounts an inode filesystem through the kernel's FUSE driver; see {@code FuseMount}. */
package dev.lamina.fuse;
