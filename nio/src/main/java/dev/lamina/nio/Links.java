package dev.lamina.nio;

import java.nio.file.LinkOption;

/** Whether the last symbolic link of a path is followed. */
final class Links {
  private Links() {}

  static boolean follow(LinkOption... options) {
    boolean follow = true;
    for (LinkOption option : options) {
      if (option == null) {
        throw new NullPointerException("option");
      }
      if (option == LinkOption.NOFOLLOW_LINKS) {
        follow = false;
      }
    }
    return follow;
  }
}
