package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.Request;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Stat;
import dev.lamina.linux.UserNamespace;
import dev.lamina.overlay.AttributeChange;
import dev.lamina.overlay.AttributeListener;
import dev.lamina.overlay.Caller;

/**
 * Clears setuid and setgid where HANDLE_KILLPRIV_V2 leaves that to the server. The kernel asks at
 * every write of an ordinary user, so the common case, no such bit, costs one look.
 */
final class Privileges {

  private final Exchange x;
  private final AttributeListener kernelCache;
  private final AttributeChange change = new AttributeChange();
  private final Stat stat = new Stat();

  Privileges(Exchange exchange, AttributeListener kernelCache) {
    this.x = exchange;
    this.kernelCache = kernelCache;
  }

  /** What a write by somebody without CAP_FSETID does to the mode (setattr_should_drop_suidgid). */
  void killBits(long node) throws ErrnoException {
    x.fileSystem.getattr(node, stat);
    if (!areHeldBy(stat)) {
      return;
    }
    change.set = AttributeChange.KILL_PRIVILEGES;
    x.fileSystem.setattr(x.caller(), node, 0, change, stat);
    // A write does not make the kernel ask for the mode again, and the next exec would still go by
    // the old one.
    kernelCache.attributesChanged(node);
  }

  /**
   * Whether a file has a bit that others gain by: setuid, or setgid where the group may execute.
   */
  static boolean areHeldBy(Stat stat) {
    boolean groupExecutable = (stat.mode & 0010) != 0;
    return stat.isRegular()
        && ((stat.mode & FileMode.S_ISUID) != 0
            || ((stat.mode & FileMode.S_ISGID) != 0 && groupExecutable));
  }

  /**
   * Whether changes by who sent {@code request} leave such bits. Under ALLOW_IDMAP the kernel does
   * not say who that was, but waits meanwhile, so it can be asked.
   */
  static boolean mayBeKept(Request request) {
    return request.uid() == Caller.NOT_TOLD
        ? UserNamespace.hasCapability(request.pid(), UserNamespace.CAP_FSETID)
        : request.uid() == 0;
  }

  /** What setting an access ACL by somebody outside the file's group does. */
  void killSetgid(long node) throws ErrnoException {
    change.set = AttributeChange.KILL_SETGID;
    x.fileSystem.setattr(x.caller(), node, 0, change, stat);
  }
}
