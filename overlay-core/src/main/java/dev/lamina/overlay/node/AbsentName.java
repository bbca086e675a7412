package dev.lamina.overlay.node;

import dev.lamina.linux.Name;

/**
 * The name last looked for in a directory and not found. A name is looked up before it is created,
 * and again by who creates it; what was absent stays so until somebody makes it here, since nobody
 * else changes layers. Guarded by the directory's name lock.
 */
final class AbsentName {
  private static final int NONE = -1;
  private static final int USUAL_LENGTH = 32;

  private byte[] bytes = new byte[USUAL_LENGTH];
  private int length = NONE;
  private boolean nowhere;

  /** Notes {@code name}; {@code nowhere} says that no layer has even a mark of it. */
  void note(Name name, boolean isNowhere) {
    if (name.length() > Name.NAME_MAX) {
      // Some filesystems look for longer ones, too; none can be created here.
      forget();
      return;
    }
    if (name.length() > bytes.length) {
      bytes = new byte[Name.NAME_MAX];
    }
    length = name.length();
    for (int i = 0; i < length; i++) {
      bytes[i] = name.at(i);
    }
    nowhere = isNowhere;
  }

  void forget() {
    length = NONE;
  }

  boolean is(Name name) {
    if (name.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (name.at(i) != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  boolean isNowhere(Name name) {
    return nowhere && is(name);
  }
}
