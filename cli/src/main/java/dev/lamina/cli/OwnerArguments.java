package dev.lamina.cli;

import dev.lamina.overlay.owner.IdMapping;
import dev.lamina.overlay.owner.OwnerRecords;
import dev.lamina.overlay.owner.Ownership;

/** The options of {@code -o} that say whose files are whose, with fuse-overlayfs's names. */
final class OwnerArguments {
  private static final String ROOT = "0";

  private Ownership ownership = Ownership.AS_STORED;
  private OwnerRecords records = OwnerRecords.NONE;
  private boolean squashToRoot;
  private String squashUid;
  private String squashGid;

  /** Takes {@code option} if it is one of these; false where it is another. */
  boolean take(OverlayArguments.Option option) throws CommandFailure {
    String value = option.text();
    switch (option.name()) {
      case "uidmapping" -> ownership = ownership.withUsers(mapping(option));
      case "gidmapping" -> ownership = ownership.withGroups(mapping(option));
      case "squash_to_root" -> squashToRoot = true;
      case "squash_to_uid" -> squashUid = value;
      case "squash_to_gid" -> squashGid = value;
      case "xattr_permissions" ->
          records =
              switch (value) {
                case "0" -> OwnerRecords.NONE;
                case "1" -> OwnerRecords.PRIVILEGED;
                case "2" -> OwnerRecords.ORDINARY;
                default ->
                    throw new CommandFailure(
                        ExitStatus.USAGE, "xattr_permissions= is 0, 1 or 2, not " + value);
              };
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Where the layers keep owners, by {@code xattr_permissions}. */
  OwnerRecords records() {
    return records;
  }

  /** What is shown; {@code squash_to_uid} and {@code squash_to_gid} win over {@code root}. */
  Ownership ownership() throws CommandFailure {
    Ownership shown = ownership;
    String uid = squashUid == null && squashToRoot ? ROOT : squashUid;
    String gid = squashGid == null && squashToRoot ? ROOT : squashGid;
    if (uid != null) {
      shown = shown.squashedToUser(id("squash_to_uid", uid));
    }
    return gid == null ? shown : shown.squashedToGroup(id("squash_to_gid", gid));
  }

  private static IdMapping mapping(OverlayArguments.Option option) throws CommandFailure {
    try {
      return IdMapping.parse(option.text());
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitStatus.USAGE, option.name() + "=: " + e.getMessage());
    }
  }

  private static int id(String option, String value) throws CommandFailure {
    if (!value.matches("[0-9]{1,10}") || Long.parseLong(value) >= 0xffffffffL) {
      throw new CommandFailure(ExitStatus.USAGE, option + "= is a number, not \"" + value + "\"");
    }
    return Integer.parseUnsignedInt(value);
  }
}
