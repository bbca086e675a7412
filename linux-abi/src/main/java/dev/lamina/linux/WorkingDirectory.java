package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

/** The directory that this process keeps busy by being in it. */
public final class WorkingDirectory {
  private WorkingDirectory() {}

  /**
   * Moves this thread, and all that share its working directory, to the root, as daemons do.
   * Relative paths mean something else from then on. Threads of {@link Identity#adoptThread} have a
   * directory of their own: this comes before they start.
   */
  public static void leave() throws ErrnoException {
    Name root = Name.of("/");
    check(C.chdir(root.address()), "chdir", root);
  }
}
