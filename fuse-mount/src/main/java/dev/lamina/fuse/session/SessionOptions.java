package dev.lamina.fuse.session;

/**
 * How a connection is served.
 *
 * @param ioUring whether to serve over io_uring where the kernel offers that
 * @param workers most threads that read requests from the device where it does not, at least 1
 * @param maxWrite most bytes of data in one READ or WRITE, a multiple of 4096
 * @param flushOnClose whether each close(2) of a file asks the filesystem, which costs a request
 * @param passthrough which files the kernel reads and writes by itself, where it can
 * @param writeback whether the kernel keeps what is written for a while, where it passes nothing
 *     through
 */
public record SessionOptions(
    boolean ioUring,
    int workers,
    int maxWrite,
    boolean flushOnClose,
    PassthroughPolicy passthrough,
    boolean writeback) {}
