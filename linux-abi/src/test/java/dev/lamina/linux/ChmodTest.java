package dev.lamina.linux;

import static dev.lamina.linux.Host.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code At.chmod} by the running kernel's means, and by those of kernels before 6.6. */
class ChmodTest extends DirectoryTest {
  private static final Name FILE = Name.of("file");
  private static final Name LINK = Name.of("link");

  private enum Way {
    OF_THIS_KERNEL {
      @Override
      void chmod(int dir, Name name, int mode) throws ErrnoException {
        At.chmod(dir, name, mode);
      }
    },
    THROUGH_DESCRIPTOR {
      @Override
      void chmod(int dir, Name name, int mode) throws ErrnoException {
        At.chmodThroughDescriptor(dir, name, mode);
      }
    };

    abstract void chmod(int dir, Name name, int mode) throws ErrnoException;
  }

  @ParameterizedTest
  @EnumSource
  void allTwelveBits(Way way) throws Exception {
    touch("file");
    way.chmod(dir, FILE, 07751);
    assertThat(stat("file").mode).isEqualTo(FileMode.S_IFREG | 07751);
    way.chmod(dir, FILE, 0);
    assertThat(stat("file").mode).isEqualTo(FileMode.S_IFREG);
    way.chmod(dir, FILE, 0600);
    assertThat(stat("file").mode).isEqualTo(FileMode.S_IFREG | 0600);
  }

  @ParameterizedTest
  @EnumSource
  void aFifoIsNotOpened(Way way) throws Exception {
    At.mknod(dir, FILE, FileMode.S_IFIFO | 0600, 0);
    way.chmod(dir, FILE, 0640);
    assertThat(stat("file").mode).isEqualTo(FileMode.S_IFIFO | 0640);
  }

  @ParameterizedTest
  @EnumSource
  void aSymbolicLinkIsEopnotsuppAndItsTargetUntouched(Way way) throws Exception {
    touch("file");
    At.symlink(FILE, dir, LINK);
    int linkMode = stat("link").mode;
    int fileMode = stat("file").mode;
    int descriptors = Host.openDescriptors();
    assertErrno(Errno.EOPNOTSUPP, () -> way.chmod(dir, LINK, 0777));
    assertThat(Host.openDescriptors()).isEqualTo(descriptors);
    assertThat(stat("link").mode).isEqualTo(linkMode);
    assertThat(stat("file").mode).isEqualTo(fileMode);
  }

  @ParameterizedTest
  @EnumSource
  void absentIsEnoent(Way way) {
    assertErrno(Errno.ENOENT, () -> way.chmod(dir, FILE, 0600));
  }
}
