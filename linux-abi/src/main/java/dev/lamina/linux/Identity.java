package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

/**
 * The uid, gid and umask that a thread creates files with.
 *
 * <p>A server thread wears the identity of the program whose request it serves, so that the
 * filesystem below gives a new file its owner, its group in a setgid directory and its default ACL
 * in the one call that creates it. The thread keeps its capabilities meanwhile ({@code
 * SECBIT_NO_SETUID_FIXUP}), but for the one to ignore quotas: who may do what was decided by the
 * kernel before the request came. Changing back costs nothing: the thread changes only when the
 * next request differs.
 *
 * <p>Linux keeps these per thread (setfsuid(2); the umask after {@code unshare(CLONE_FS)}), so only
 * threads that were {@linkplain #adoptThread adopted} change; any other acts as itself alone.
 */
public final class Identity {
  private static final int CLONE_FS = 0x200;
  private static final int PR_SET_SECUREBITS = 28;
  private static final int SECBIT_NO_SETUID_FIXUP = 1 << 2;

  // linux/capability.h: two sets of 32 bits each, {effective, permitted, inheritable}.
  private static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522;
  private static final int CAP_SYS_RESOURCE = 24;

  private static final ThreadLocal<Identity> OF_THREAD = ThreadLocal.withInitial(Identity::new);

  private final int ownUid = C.geteuid();
  private final int ownGid = C.getegid();
  private boolean adopted;
  private boolean canSwitch;
  private int uid = ownUid;
  private int gid = ownGid;
  private int umask = -1;

  private Identity() {}

  /** Effective uid of the process. */
  public static int processUid() {
    return C.geteuid();
  }

  /** Effective gid of the process. */
  public static int processGid() {
    return C.getegid();
  }

  /**
   * Turns this whole process, all its threads, into one of an ordinary user, without supplementary
   * groups and without capabilities. There is no way back.
   *
   * @throws ErrnoException EPERM for whoever is not root
   */
  public static void become(int uid, int gid) throws ErrnoException {
    check(C.setgroups(0, 0), "setgroups");
    check(C.setgid(gid), "setgid");
    check(C.setuid(uid), "setuid");
  }

  /**
   * Lets the calling thread take on identities from now on. The thread gets a umask and a working
   * directory of its own; it must not be one that other code shares.
   */
  public static void adoptThread() throws ErrnoException {
    Identity identity = OF_THREAD.get();
    if (identity.adopted) {
      return;
    }
    check(C.unshare(CLONE_FS), "unshare");
    // A thread starts with the credentials of the one that made it, whatever that one wears.
    C.setfsgid(identity.ownGid);
    C.setfsuid(identity.ownUid);
    identity.canSwitch = C.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) == 0;
    obeyQuotas();
    C.umask(0);
    identity.umask = 0;
    identity.adopted = true;
  }

  /**
   * Gives up CAP_SYS_RESOURCE on this thread: with it a filesystem lets writes exceed the quota of
   * the user that they are made for, and use up the blocks reserved for root. Kernel overlayfs
   * drops it from its mounter's credentials for that reason.
   */
  private static void obeyQuotas() throws ErrnoException {
    NativeMemory header = Scratch.get().struct;
    NativeMemory sets = NativeMemory.allocate(24);
    header.putInt(0, LINUX_CAPABILITY_VERSION_3);
    header.putInt(4, 0);
    check(C.capget(header.address(), sets.address()), "capget", header, sets);
    int effective = sets.getInt(0);
    sets.putInt(0, effective & ~(1 << CAP_SYS_RESOURCE));
    check(C.capset(header.address(), sets.address()), "capset", header, sets);
  }

  /**
   * Takes on an identity until the next call.
   *
   * <p>On a thread that was not adopted, or without CAP_SETUID, only the process's own uid and gid
   * will do (else EPERM).
   *
   * @return whether {@code umask} is in force; false on a thread that was not adopted, where the
   *     process's own umask applies and the caller sets the mode of what it created
   */
  public static boolean assume(int uid, int gid, int umask) throws ErrnoException {
    Identity identity = OF_THREAD.get();
    if (identity.uid != uid || identity.gid != gid) {
      identity.switchTo(uid, gid);
    }
    if (identity.adopted && identity.umask != umask) {
      C.umask(umask);
      identity.umask = umask;
    }
    return identity.adopted;
  }

  /** As {@link #assume} with the ids of the process itself and no umask. */
  public static boolean assumeOwn() throws ErrnoException {
    Identity identity = OF_THREAD.get();
    return assume(identity.ownUid, identity.ownGid, 0);
  }

  private void switchTo(int newUid, int newGid) throws ErrnoException {
    if (!canSwitch) {
      throw new ErrnoException(Errno.EPERM, "acting for uid " + newUid);
    }
    // setfsgid first: it never fails for lack of the right uid. Neither call reports failure; the
    // second call with -1 tells what is in force.
    C.setfsgid(newGid);
    C.setfsuid(newUid);
    uid = C.setfsuid(-1);
    gid = C.setfsgid(-1);
    if (uid != newUid || gid != newGid) {
      throw new ErrnoException(Errno.EPERM, "acting for uid " + newUid);
    }
  }
}
