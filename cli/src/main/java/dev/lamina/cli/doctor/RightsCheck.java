package dev.lamina.cli.doctor;

import dev.lamina.linux.Identity;
import dev.lamina.linux.UserNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Who this process is, and what it may do beside mounting. */
final class RightsCheck {
  /**
   * What is the case.
   *
   * @param hostRoot root, and not only of a user namespace
   * @param sysAdmin whether it has CAP_SYS_ADMIN on the host
   * @param namespaces whether a user namespace could be made
   * @param subordinateUids how many subordinate ids the user has, see subuid(5); gids likewise
   * @param mappers whether newuidmap and newgidmap are there, which map those
   */
  record Facts(
      int uid,
      boolean hostRoot,
      boolean sysAdmin,
      boolean namespaces,
      long subordinateUids,
      long subordinateGids,
      boolean mappers) {}

  private RightsCheck() {}

  static Facts gather() {
    int uid = Identity.processUid();
    int self = Math.toIntExact(ProcessHandle.current().pid());
    return new Facts(
        uid,
        UserNamespace.isHostRoot(),
        UserNamespace.hasCapability(self, UserNamespace.CAP_SYS_ADMIN),
        Probes.succeeds(List.of("unshare", "--user", "--map-root-user", "true")),
        subordinates(Path.of("/etc/subuid"), uid),
        subordinates(Path.of("/etc/subgid"), uid),
        isInPath("newuidmap") && isInPath("newgidmap"));
  }

  private static long subordinates(Path file, int uid) {
    try {
      return count(Files.readAllLines(file), System.getProperty("user.name"), uid);
    } catch (IOException e) {
      return 0;
    }
  }

  /** Of lines {@code OWNER:FIRST:COUNT}, where the owner is a name or a number. */
  static long count(List<String> lines, String name, int uid) {
    long ids = 0;
    for (String line : lines) {
      List<String> fields = List.of(line.strip().split(":", -1));
      boolean own =
          fields.size() == 3
              && (fields.get(0).equals(name) || fields.get(0).equals(Integer.toString(uid)));
      if (own && fields.get(2).matches("[0-9]{1,10}")) {
        ids += Long.parseLong(fields.get(2));
      }
    }
    return ids;
  }

  private static boolean isInPath(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return List.of(path.split(":", -1)).stream()
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  static Section judge(Facts facts) {
    Section section = Section.of("Rights");
    user(section, facts);
    if (facts.hostRoot() || facts.uid() == 0) {
      return section;
    }
    namespaces(section, facts);
    subordinates(section, facts);
    return section;
  }

  private static void user(Section section, Facts facts) {
    if (facts.hostRoot() && facts.sysAdmin()) {
      section.ok(
          "user",
          "root, with CAP_SYS_ADMIN",
          "mounts by mount(2); files pass through the kernel; redirects, metacopies and the index"
              + " can be kept");
    } else if (facts.hostRoot()) {
      section.note(
          "user",
          "root without CAP_SYS_ADMIN",
          "mounts need fusermount3; each read and write is a request; directories of lowers are"
              + " copied to be renamed",
          "podman run --cap-add SYS_ADMIN, or --privileged");
    } else if (facts.uid() == 0) {
      section.note(
          "user",
          "root of a user namespace",
          "mounts as root does there; each read and write is a request; directories of lowers are"
              + " copied to be renamed",
          "root of the host has neither cost");
    } else {
      section.note(
          "user",
          "an ordinary user (uid " + facts.uid() + ")",
          "mounts by fusermount3; each read and write is a request; directories of lowers are"
              + " copied to be renamed; owners are kept in xattrs",
          "root has none of these costs; -o writeback=on makes small writes cheap");
    }
  }

  private static void namespaces(Section section, Facts facts) {
    if (facts.namespaces()) {
      section.ok(
          "user namespaces",
          "can be made",
          "unshare --user --map-root-user makes this user root of what he mounts");
    } else {
      section.note(
          "user namespaces",
          "cannot be made",
          "no root of one's own over a mount, no rootless containers",
          "sysctl -w user.max_user_namespaces=15000 as root");
    }
  }

  private static void subordinates(Section section, Facts facts) {
    long ids = Math.min(facts.subordinateUids(), facts.subordinateGids());
    if (ids == 0) {
      section.note(
          "subordinate ids",
          "none in /etc/subuid and /etc/subgid",
          "in a user namespace only root's files can be changed",
          "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER as root");
    } else if (!facts.mappers()) {
      section.note(
          "subordinate ids",
          ids + " of them, but no newuidmap and newgidmap",
          "in a user namespace only root's files can be changed",
          "apt-get install uidmap");
    } else {
      section.ok(
          "subordinate ids",
          ids + " of them",
          "files of the image's other users can be changed in a user namespace");
    }
  }
}
