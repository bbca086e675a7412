package dev.lamina.overlay;

/** What opening a file gives: the handle that reads, writes and the release name it by. */
public final class Opened {
  public long handle;
}
