/**
 * The FUSE protocol as bytes: opcodes, flags, offsets and sizes of linux/fuse.h, decoding of
 * requests and encoding of replies in place. No policy and no system calls.
 */
package dev.lamina.fuse.wire;
