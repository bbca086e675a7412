package dev.lamina.overlay.data;

/** A file's time of last modification. */
record Mtime(long seconds, int nanos) {}
