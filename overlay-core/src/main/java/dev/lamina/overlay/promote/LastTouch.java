package dev.lamina.overlay.promote;

import dev.lamina.linux.ErrnoException;

/**
 * What a caller does to a regular file's copy before it is published: a change that must appear
 * together with the copy, or what must have succeeded before. If it fails, or the publishing, the
 * file stays where it was.
 */
@FunctionalInterface
public interface LastTouch {
  LastTouch NONE = copy -> {};

  /**
   * Touches the copy.
   *
   * @param copy a descriptor of it, open for reading and writing; the promoter's to close
   */
  void on(int copy) throws ErrnoException;
}
