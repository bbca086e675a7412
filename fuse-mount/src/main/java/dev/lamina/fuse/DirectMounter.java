package dev.lamina.fuse;

import dev.lamina.fuse.MountException.Reason;
import dev.lamina.fuse.session.Device;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Mounts;

/** mount(2) and umount2(2), for those with CAP_SYS_ADMIN in their user namespace. */
final class DirectMounter implements Mounter {
  @Override
  public int mount(MountSpec spec) throws MountException {
    int device = openDevice();
    try {
      Mounts.mount(
          spec.source(),
          spec.mountPoint(),
          "fuse." + spec.subtype(),
          spec.flags(),
          options(spec, device));
      return device;
    } catch (ErrnoException e) {
      Fd.close(device);
      Reason reason = e.errno() == Errno.EPERM ? Reason.NO_PRIVILEGE : Reason.REFUSED;
      throw new MountException(
          reason, "mounting on " + spec.mountPoint() + ": " + Errno.describe(e.errno()), e);
    }
  }

  private static int openDevice() throws MountException {
    try {
      return Device.open();
    } catch (ErrnoException e) {
      Reason reason =
          e.errno() == Errno.EACCES || e.errno() == Errno.EPERM
              ? Reason.NO_PRIVILEGE
              : Reason.NO_DEVICE;
      throw new MountException(
          reason,
          "/dev/fuse: "
              + Errno.describe(e.errno())
              + "; the fuse module is not loaded, or this container may not use the device",
          e);
    }
  }

  private static String options(MountSpec spec, int device) {
    // rootmode: a directory, octal. default_permissions: the kernel checks modes and ACLs.
    String options =
        "fd="
            + device
            + ",rootmode=40000,user_id="
            + Identity.processUid()
            + ",group_id="
            + Identity.processGid()
            + ",default_permissions,max_read="
            + spec.maxRead();
    return Boolean.FALSE.equals(spec.allowOther()) ? options : options + ",allow_other";
  }

  @Override
  public void unmount(String mountPoint, Mode mode) throws ErrnoException {
    switch (mode) {
      case PLAIN -> Mounts.unmount(mountPoint, 0);
      case LAZY -> Mounts.unmount(mountPoint, Mounts.MNT_DETACH);
      case FORCE -> {
        try {
          Mounts.unmount(mountPoint, Mounts.MNT_FORCE);
        } catch (ErrnoException busy) {
          Mounts.unmount(mountPoint, Mounts.MNT_DETACH);
        }
      }
    }
  }
}
