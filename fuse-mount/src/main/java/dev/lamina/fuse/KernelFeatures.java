package dev.lamina.fuse;

/**
 * What the kernel agreed to on a mount.
 *
 * @param minor it speaks protocol 7.{@code minor}
 * @param passthrough files may be read and written without asking the server, if its rights do
 * @param writeback what programs write is kept for a while
 * @param idmapped binds of the mount may be idmapped
 * @param ioUring requests come over io_uring; else through {@code /dev/fuse}
 */
public record KernelFeatures(
    int minor, boolean passthrough, boolean writeback, boolean idmapped, boolean ioUring) {}
