package dev.lamina.linux;

import static dev.lamina.linux.Host.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code At.open2} lets through and what not. */
class OpenBelowTest extends DirectoryTest {
  private static final int BENEATH = At.RESOLVE_BENEATH;
  private static final int IN_ROOT = At.RESOLVE_IN_ROOT;

  /** {@code root} with {@code sub/file} in it, and {@code outside} next to it. */
  private int root;

  @BeforeEach
  void makeTree() throws Exception {
    At.mkdir(dir, Name.of("root"), 0700);
    At.mkdir(dir, Name.of("root/sub"), 0700);
    Fd.close(create("root/sub/file", "inside"));
    Fd.close(create("outside", "outside"));
    root = At.openDirectory(dir, Name.of("root"));
  }

  @Test
  void pathsOfSeveralComponents() throws Exception {
    assertThat(read("sub/file", BENEATH)).isEqualTo("inside");
    assertThat(read("sub/../sub/./file", BENEATH)).isEqualTo("inside");
    assertErrno(Errno.ENOENT, () -> read("sub/none", BENEATH));
    assertErrno(Errno.ENOTDIR, () -> read("sub/file/x", BENEATH));
  }

  @Test
  void beneath_refusesToLeave() throws Exception {
    link("../outside", "up");
    link(path + "/outside", "absolute");
    link("sub", "down");
    assertErrno(Errno.EXDEV, () -> read("../outside", BENEATH));
    assertErrno(Errno.EXDEV, () -> read("sub/../../outside", BENEATH));
    assertErrno(Errno.EXDEV, () -> read(path + "/outside", BENEATH));
    assertErrno(Errno.EXDEV, () -> read("up", BENEATH));
    assertErrno(Errno.EXDEV, () -> read("absolute", BENEATH));
    assertThat(read("down/file", BENEATH)).isEqualTo("inside");
  }

  @Test
  void inRoot_endsAtTheRoot() throws Exception {
    link("/sub", "absolute");
    link("../../../sub", "up");
    assertThat(read("/sub/file", IN_ROOT)).isEqualTo("inside");
    assertThat(read("../../sub/file", IN_ROOT)).isEqualTo("inside");
    assertThat(read("absolute/file", IN_ROOT)).isEqualTo("inside");
    assertThat(read("up/file", IN_ROOT)).isEqualTo("inside");
    assertErrno(Errno.ENOENT, () -> read("../outside", IN_ROOT));
  }

  @Test
  void noSymlinks_refusesThemAnywhere() throws Exception {
    link("sub", "down");
    link("file", "sub/last");
    assertErrno(Errno.ELOOP, () -> read("down/file", BENEATH | At.RESOLVE_NO_SYMLINKS));
    assertErrno(Errno.ELOOP, () -> read("sub/last", BENEATH | At.RESOLVE_NO_SYMLINKS));
    assertThat(read("sub/file", BENEATH | At.RESOLVE_NO_SYMLINKS)).isEqualTo("inside");
  }

  @Test
  void createsWithMode() throws Exception {
    int flags = OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_WRONLY;
    Fd.close(At.open2(root, Name.of("sub/new"), flags, 0600, BENEATH));
    assertThat(stat("root/sub/new").mode).isEqualTo(FileMode.S_IFREG | 0600);
  }

  private void link(String target, String name) throws ErrnoException {
    At.symlink(Name.of(target), root, Name.of(name));
  }

  private String read(String name, int resolve) throws ErrnoException {
    int fd = At.open2(root, Name.of(name), OpenFlags.O_RDONLY, 0, resolve);
    try {
      return content(fd);
    } finally {
      Fd.close(fd);
    }
  }
}
