/**
 * The merged tree as a {@link java.nio.file.FileSystem}: scheme {@code lamina}, no mount, no
 * privileges.
 *
 * <p>{@link dev.lamina.nio.LaminaFileSystem} is the public face. What {@code java.nio.file} asks by
 * path, a {@code Walk} turns into nodes of a {@code Tree}: the union over the seam ({@code
 * UnionTree}), or an image read straight from its archive ({@code ArchiveTree}), which works on any
 * operating system. Everything behaves as the JDK's default file system does on Linux.
 */
package dev.lamina.nio;
