package dev.lamina.nio;

import java.io.IOException;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/** The view {@code basic}. The creation time stays as it is, as on Linux. */
final class BasicView implements BasicFileAttributeView {
  private final LaminaPath path;
  private final boolean follow;

  BasicView(LaminaPath path, boolean follow) {
    this.path = path;
    this.follow = follow;
  }

  @Override
  public String name() {
    return "basic";
  }

  @Override
  public BasicFileAttributes readAttributes() throws IOException {
    return path.getFileSystem().attributes(path, follow);
  }

  @Override
  public void setTimes(FileTime modification, FileTime access, FileTime creation)
      throws IOException {
    path.getFileSystem().changes().setTimes(path, follow, access, modification);
  }
}
