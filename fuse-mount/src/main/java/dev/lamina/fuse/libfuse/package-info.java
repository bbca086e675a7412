/**
 * The other way to serve a mount: libfuse 2 speaks the kernel's protocol and calls back by path,
 * through jnr-fuse. For hosts where the protocol cannot be spoken directly; it can do less, and is
 * slower (docs/semantics.md).
 *
 * <p>jnr-fuse gives the library, {@code struct fuse_operations} and the layouts of this processor.
 * Its callbacks are not used, as they take paths as {@code String}s in the JVM's charset, which
 * spoils names that are not text; nor is its mounting, which sleeps instead of waiting. libfuse's
 * own loop is not used either: its threads would be strangers to the JVM, for which each callback
 * costs an attach, and could keep no identity to create files with. Threads of ours receive each
 * request and hand it to libfuse, and the callbacks run on them.
 *
 * <p>No class of jnr-fuse or of this package is loaded for a mount that is served otherwise.
 */
package dev.lamina.fuse.libfuse;
