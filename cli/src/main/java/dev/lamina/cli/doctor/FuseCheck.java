package dev.lamina.cli.doctor;

import dev.lamina.fuse.Fusermount;
import dev.lamina.fuse.session.Device;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The device, and the helper of those who are not root. */
final class FuseCheck {
  private static final int SETUID = 04000;

  /**
   * What is the case.
   *
   * @param openErrno 0 where the device could be opened
   * @param isRoot of whatever user namespace
   * @param helper fusermount3, if there is one
   * @param helperSetuid whether it runs as root
   */
  record Facts(
      int openErrno,
      boolean isRoot,
      Optional<Path> helper,
      String helperVersion,
      boolean helperSetuid,
      boolean allowOther) {}

  private FuseCheck() {}

  static Facts gather() {
    Optional<Path> helper = Fusermount.find();
    return new Facts(
        open(),
        Identity.processUid() == 0,
        helper,
        helper.map(program -> Probes.firstLine(List.of(program.toString(), "-V"))).orElse(""),
        helper.map(FuseCheck::isSetuid).orElse(false),
        Fusermount.mayAllowOther());
  }

  private static int open() {
    try {
      Fd.close(Device.open());
      return 0;
    } catch (ErrnoException e) {
      return e.errno();
    }
  }

  private static boolean isSetuid(Path program) {
    try {
      int mode = (Integer) Files.getAttribute(program, "unix:mode");
      return (mode & SETUID) != 0 && Files.getAttribute(program, "unix:uid").equals(0);
    } catch (IOException e) {
      return false;
    }
  }

  static Section judge(Facts facts) {
    Section section = Section.ofMounting("FUSE");
    device(section, facts);
    if (facts.helper().isEmpty()) {
      withoutHelper(section, facts);
    } else {
      helper(section, facts, facts.helper().get());
    }
    return section;
  }

  private static void device(Section section, Facts facts) {
    switch (facts.openErrno()) {
      case 0 -> section.ok("device", "/dev/fuse can be opened", "the kernel has FUSE");
      case Errno.ENOENT ->
          section.problem(
              "device",
              "there is no /dev/fuse",
              "nothing can be mounted; looking into images works",
              "modprobe fuse as root; for a container: podman run --device /dev/fuse");
      case Errno.EACCES ->
          section.problem(
              "device",
              "/dev/fuse may not be opened by this user",
              "nothing can be mounted; looking into images works",
              "chmod 666 /dev/fuse as root, as udev does");
      case Errno.EPERM ->
          section.problem(
              "device",
              "this container or unit may not use /dev/fuse",
              "nothing can be mounted; looking into images works",
              "podman run --device /dev/fuse; in a systemd unit: DeviceAllow=/dev/fuse rw");
      case Errno.ENODEV, Errno.ENXIO ->
          section.problem(
              "device",
              "/dev/fuse is there, and no driver behind it",
              "nothing can be mounted; looking into images works",
              "modprobe fuse as root, on the host");
      default ->
          section.problem(
              "device",
              "/dev/fuse: " + Errno.describe(facts.openErrno()),
              "nothing can be mounted; looking into images works",
              "modprobe fuse as root");
    }
  }

  private static void withoutHelper(Section section, Facts facts) {
    if (facts.isRoot()) {
      section.note(
          "fusermount3",
          "not found",
          "root does without; ordinary users cannot mount, nor does containerd's mount.fuse3 work",
          "apt-get install fuse3");
    } else {
      section.problem("fusermount3", "not found", "only root can mount", "apt-get install fuse3");
    }
  }

  private static void helper(Section section, Facts facts, Path helper) {
    String seen = helper + " (" + facts.helperVersion() + ")";
    if (!facts.helperSetuid() && !facts.isRoot()) {
      section.problem(
          "fusermount3",
          seen + " is not set-uid root",
          "only root can mount",
          "chmod u+s " + helper + " as root; in a container: dpkg-reconfigure fuse3");
      return;
    }
    if (!facts.helperSetuid()) {
      section.note(
          "fusermount3",
          seen + " is not set-uid root",
          "root does without; ordinary users cannot mount",
          "chmod u+s " + helper);
    } else {
      section.ok("fusermount3", seen, "ordinary users can mount by it");
    }
    if (facts.allowOther()) {
      section.ok(
          "allow_other",
          "user_allow_other is in /etc/fuse.conf",
          "mounts of ordinary users may be entered by others, and by the ids of a user namespace");
    } else if (facts.isRoot()) {
      section.ok(
          "allow_other",
          "root's mounts are open to all",
          "ordinary users' are not: user_allow_other is not in /etc/fuse.conf");
    } else {
      section.note(
          "allow_other",
          "user_allow_other is not in /etc/fuse.conf",
          "only processes of this user's own id enter his mounts: not root, nor the other ids of his"
              + " containers",
          "echo user_allow_other >>/etc/fuse.conf as root");
    }
  }
}
