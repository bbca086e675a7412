package dev.lamina.nio;

import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/** Attributes of one file at one moment. */
record LaminaFileAttributes(FileStatus status, Accounts accounts) implements PosixFileAttributes {
  @Override
  public FileTime lastModifiedTime() {
    return status.modification();
  }

  @Override
  public FileTime lastAccessTime() {
    return status.access();
  }

  @Override
  public FileTime creationTime() {
    return status.birth();
  }

  @Override
  public boolean isRegularFile() {
    return status.isRegular();
  }

  @Override
  public boolean isDirectory() {
    return status.isDirectory();
  }

  @Override
  public boolean isSymbolicLink() {
    return status.isSymlink();
  }

  @Override
  public boolean isOther() {
    return !isRegularFile() && !isDirectory() && !isSymbolicLink();
  }

  @Override
  public long size() {
    return status.size();
  }

  @Override
  public Object fileKey() {
    return status.key();
  }

  @Override
  public UserPrincipal owner() {
    return accounts.user(status.uid());
  }

  @Override
  public GroupPrincipal group() {
    return accounts.group(status.gid());
  }

  @Override
  public Set<PosixFilePermission> permissions() {
    return Permissions.ofMode(status.mode());
  }
}
