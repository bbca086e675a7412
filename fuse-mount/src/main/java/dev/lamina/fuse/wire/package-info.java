/**
 * The FUSE protocol as bytes: opcodes, flags, offsets and sizes of linux/fuse.h, decoding of
 * requests and encoding of replies in place. No policy and no system calls.
 *
 * <p>In place, since a LOOKUP is then read and answered in 29 ns and no byte of garbage ({@code
 * WireBenchmark}): a thousandth of what waking the server for it takes.
 */
package dev.lamina.fuse.wire;
