package dev.lamina.overlay;

import dev.lamina.linux.Identity;

/**
 * On whose behalf an operation runs. A worker keeps one and fills it from each request.
 *
 * <p>The core does not check permissions: whoever carries requests has done so (the kernel, with
 * {@code default_permissions}). It uses the identity for what is created.
 */
public final class Caller {
  /** A user id that the transport was not told: FUSE with ALLOW_IDMAP, but for creations. */
  public static final int NOT_TOLD = -1;

  public int uid;
  public int gid;

  /** Process id, 0 where unknown. */
  public int pid;

  /** Bits that a new file does not get, unless its directory has a default ACL. */
  public int umask;

  /** A caller with the effective ids of this process and umask 0. */
  public static Caller self() {
    Caller caller = new Caller();
    caller.uid = Identity.processUid();
    caller.gid = Identity.processGid();
    caller.pid = (int) ProcessHandle.current().pid();
    return caller;
  }
}
