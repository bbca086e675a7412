package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.LayerFormat;

/** What the upper itself has at a name. */
enum UpperEntry {
  ABSENT,

  /** An entry that is a whiteout and has to be replaced. */
  WHITEOUT,

  /** Nothing, but a mark beside it that hides the name below. */
  MARKED,

  /** A visible object. */
  OBJECT;

  /** Looks at {@code name} in an upper directory; {@code stat} is filled for an object. */
  static UpperEntry at(int dirfd, Name name, LayerFormat format, Stat stat) throws ErrnoException {
    if (!At.stat(dirfd, name, stat)) {
      return format.hidesAbsent(dirfd, name) ? MARKED : ABSENT;
    }
    return format.isWhiteout(dirfd, name, stat) ? WHITEOUT : OBJECT;
  }
}
