package dev.lamina.fuse.metrics;

/** How the kernel does the I/O of a file that was opened. */
public enum OpenKind {
  /** By itself, on the real file: reads and writes cost no request. */
  PASSTHROUGH,

  /** Through its page cache, with the pages that this has of the file. */
  CACHED,

  /** Through its page cache, which forgets what it has of the file first. */
  AFRESH
}
