package dev.lamina.overlay.format;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;

/**
 * One way in which a layer writes down deletions. All methods look at one directory of one layer,
 * by its descriptor, and know nothing of other layers. Stateless but for thread-owned memory.
 */
interface Dialect {
  /** Whether the directory {@code name} hides what lower layers have under that name. */
  boolean isOpaque(int dirfd, Name name) throws ErrnoException;

  /** Whether the existing entry {@code name}, of which {@code stat} tells, is a whiteout. */
  boolean isWhiteout(int dirfd, Name name, Stat stat) throws ErrnoException;

  /** Whether the directory itself may hold regular files that are whiteouts. */
  default boolean holdsXattrWhiteouts(int dirfd) throws ErrnoException {
    return false;
  }

  /** Whether a mark beside it hides {@code name}, which this directory has not itself. */
  default boolean hidesAbsent(int dirfd, Name name) throws ErrnoException {
    return false;
  }

  /** Whether {@code name} is spelled as a mark: such an entry is never visible. */
  default boolean isMark(Name name) {
    return false;
  }
}
