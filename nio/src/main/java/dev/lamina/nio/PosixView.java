package dev.lamina.nio;

import java.io.IOException;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/** The view {@code posix}; under the name {@code owner} the part of it about owners. */
final class PosixView implements PosixFileAttributeView {
  private final LaminaPath path;
  private final boolean follow;
  private final String name;

  PosixView(LaminaPath path, boolean follow, String name) {
    this.path = path;
    this.follow = follow;
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public PosixFileAttributes readAttributes() throws IOException {
    return path.getFileSystem().attributes(path, follow);
  }

  @Override
  public void setTimes(FileTime modification, FileTime access, FileTime creation)
      throws IOException {
    path.getFileSystem().changes().setTimes(path, follow, access, modification);
  }

  @Override
  public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
    path.getFileSystem().changes().setMode(path, follow, Permissions.toMode(permissions));
  }

  @Override
  public UserPrincipal getOwner() throws IOException {
    return readAttributes().owner();
  }

  @Override
  public void setOwner(UserPrincipal owner) throws IOException {
    path.getFileSystem()
        .changes()
        .setOwner(path, follow, Accounts.requireUser(owner), WritableTree.KEEP);
  }

  @Override
  public void setGroup(GroupPrincipal group) throws IOException {
    path.getFileSystem()
        .changes()
        .setOwner(path, follow, WritableTree.KEEP, Accounts.requireGroup(group));
  }
}
