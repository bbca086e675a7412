package dev.lamina.overlay.promote;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;

/**
 * What a caller does to a regular file's copy before it is published: a change that must appear
 * together with the copy, or what must have succeeded before. If it fails, or the publishing, the
 * file stays where it was.
 */
@FunctionalInterface
public interface LastTouch {
  LastTouch NONE = (copy, work, name) -> {};

  /**
   * Touches the copy.
   *
   * @param copy a descriptor of it, open for reading and writing; the promoter's to close
   * @param work the directory that it is in, as {@code name}
   */
  void on(int copy, int work, Name name) throws ErrnoException;
}
