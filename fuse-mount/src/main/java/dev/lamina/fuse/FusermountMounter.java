package dev.lamina.fuse;

import dev.lamina.fuse.MountException.Reason;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.HelperProcess;
import dev.lamina.linux.Mounts;
import dev.lamina.linux.UnixSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The set-uid helper of libfuse, for ordinary users. It opens the device, mounts, and sends the
 * descriptor over the socket that {@code _FUSE_COMMFD} names. It always adds nosuid and nodev.
 */
final class FusermountMounter implements Mounter {
  private final Path helper;

  private FusermountMounter(Path helper) {
    this.helper = helper;
  }

  /** The helper in PATH, if any. */
  static Optional<FusermountMounter> find() {
    return Fusermount.find().map(FusermountMounter::new);
  }

  @Override
  public int mount(MountSpec spec) throws IOException {
    int[] sockets = UnixSocket.pair();
    try {
      HelperProcess process;
      try {
        process =
            HelperProcess.start(
                List.of(helper.toString(), "-o", options(spec), "--", spec.mountPoint()),
                List.of("_FUSE_COMMFD=0", "PATH=" + Fusermount.FALLBACK_PATH, "LC_ALL=C"),
                sockets[1]);
      } finally {
        // Ours must be the helper's only, or its death would not end the wait below.
        Fd.close(sockets[1]);
      }
      int device = UnixSocket.receiveDescriptor(sockets[0]);
      HelperProcess.Result result = process.waitFor();
      if (device < 0) {
        throw refusal(spec, result);
      }
      return device;
    } finally {
      Fd.close(sockets[0]);
    }
  }

  private MountException refusal(MountSpec spec, HelperProcess.Result result) {
    String said = result.output().replace('\n', ' ');
    return new MountException(
        reason(said),
        "mounting on %s: %s"
            .formatted(
                spec.mountPoint(),
                said.isEmpty() ? helper + " failed with status " + result.status() : said));
  }

  /** The helper opens the device with its caller's rights, which udev grants to everybody. */
  private static Reason reason(String said) {
    if (!said.contains("/dev/fuse") && !said.contains("fuse device not found")) {
      return Reason.REFUSED;
    }
    return said.contains("Permission denied") ? Reason.NO_PRIVILEGE : Reason.NO_DEVICE;
  }

  private static String options(MountSpec spec) {
    List<String> options = new ArrayList<>();
    options.add((spec.flags() & Mounts.MS_RDONLY) != 0 ? "ro" : "rw");
    addIf(options, spec, Mounts.MS_NOEXEC, "noexec");
    addIf(options, spec, Mounts.MS_NOATIME, "noatime");
    addIf(options, spec, Mounts.MS_SYNCHRONOUS, "sync");
    addIf(options, spec, Mounts.MS_DIRSYNC, "dirsync");
    options.add("default_permissions");
    options.add("max_read=" + spec.maxRead());
    if (spec.allowOther() == null ? Fusermount.mayAllowOther() : spec.allowOther()) {
      options.add("allow_other");
    }
    options.add("subtype=" + escape(spec.subtype()));
    options.add("fsname=" + escape(spec.source()));
    return String.join(",", options);
  }

  private static void addIf(List<String> options, MountSpec spec, long flag, String option) {
    if ((spec.flags() & flag) != 0) {
      options.add(option);
    }
  }

  private static String escape(String value) {
    return value.replace("\\", "\\\\").replace(",", "\\,");
  }

  @Override
  public void unmount(String mountPoint, Mode mode) throws ErrnoException {
    List<String> command = new ArrayList<>(List.of(helper.toString(), "-u", "-q"));
    if (mode != Mode.PLAIN) {
      command.add("-z");
    }
    command.add("--");
    command.add(mountPoint);
    int[] sockets = UnixSocket.pair();
    try {
      HelperProcess.Result result =
          HelperProcess.start(
                  command, List.of("PATH=" + Fusermount.FALLBACK_PATH, "LC_ALL=C"), sockets[1])
              .waitFor();
      if (result.status() != 0) {
        // It does not say which error it met; of a mount that is ours it can only be this one.
        throw new ErrnoException(Errno.EBUSY, helper + " -u " + mountPoint);
      }
    } finally {
      Fd.close(sockets[0]);
      Fd.close(sockets[1]);
    }
  }
}
