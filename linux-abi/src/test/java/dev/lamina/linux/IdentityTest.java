package dev.lamina.linux;

import static dev.lamina.linux.Host.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IdentityTest extends DirectoryTest {
  private interface Work {
    void run() throws Exception;
  }

  @BeforeEach
  void requireRoot() {
    Host.requireRoot();
  }

  /** A thread is adopted for good, so each test brings its own. */
  private static void onNewThread(Work work) throws Exception {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              work.run();
              return null;
            });
    new Thread(task).start();
    try {
      task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }

  @Test
  void adoptedThread_createsAsTheCallerWithTheCallersUmask() throws Exception {
    onNewThread(
        () -> {
          Identity.adoptThread();
          assertThat(Identity.assume(1234, 5678, 027)).isTrue();
          At.mkdir(dir, Name.of("a"), 0777);
          assertThat(Identity.assume(4321, 5678, 0)).isTrue();
          At.mkdir(dir, Name.of("b"), 0777);
          assertThat(Identity.assume(0, 0, 077)).isTrue();
          At.mkdir(dir, Name.of("c"), 0777);
        });
    assertThat(owner("a")).containsExactly(1234, 5678, 0750);
    assertThat(owner("b")).containsExactly(4321, 5678, 0777);
    assertThat(owner("c")).containsExactly(0, 0, 0700);
  }

  private int[] owner(String name) throws ErrnoException {
    Stat stat = stat(name);
    return new int[] {stat.uid, stat.gid, stat.mode & FileMode.PERMISSIONS};
  }

  @Test
  void adoptedThread_keepsItsCapabilities() throws Exception {
    At.mkdir(dir, Name.of("closed"), 0700);
    onNewThread(
        () -> {
          Identity.adoptThread();
          Identity.assume(1234, 1234, 0);
          At.mkdir(dir, Name.of("closed/in"), 0700);
          At.chown(dir, Name.of("closed/in"), 77, 77);
          At.mknod(dir, Name.of("device"), FileMode.S_IFCHR | 0600, 0);
        });
    assertThat(stat("closed/in").uid).isEqualTo(77);
    assertThat(stat("device").isCharDevice00()).isTrue();
  }

  @Test
  void threadStartedByOneThatActsForSomebody_actsAsItself() throws Exception {
    onNewThread(
        () -> {
          Identity.adoptThread();
          Identity.assume(1234, 5678, 027);
          onNewThread(
              () -> {
                Identity.adoptThread();
                Identity.assumeOwn();
                At.mkdir(dir, Name.of("own"), 0777);
                Identity.assume(4321, 5678, 0);
                At.mkdir(dir, Name.of("other"), 0777);
              });
          At.mkdir(dir, Name.of("first"), 0777);
        });
    assertThat(owner("own")).containsExactly(0, 0, 0777);
    assertThat(owner("other")).containsExactly(4321, 5678, 0777);
    assertThat(owner("first")).containsExactly(1234, 5678, 0750);
  }

  @Test
  void otherThreads_stayWhoTheyAre() throws Exception {
    int umask = processUmask();
    onNewThread(
        () -> {
          Identity.adoptThread();
          Identity.adoptThread();
          Identity.assume(1234, 1234, 0777);
        });
    At.mkdir(dir, Name.of("a"), 0777);
    assertThat(owner("a")).containsExactly(0, 0, 0777 & ~umask);
  }

  private int processUmask() throws ErrnoException {
    At.mkdir(dir, Name.of("probe"), 0777);
    return 0777 & ~stat("probe").mode;
  }

  @Test
  void ordinaryThread_mayOnlyBeItself() throws Exception {
    onNewThread(
        () -> {
          assertErrno(Errno.EPERM, () -> Identity.assume(1234, 0, 0));
          assertErrno(Errno.EPERM, () -> Identity.assume(0, 1234, 0));
          assertThat(Identity.assume(0, 0, 0777)).as("umask in force").isFalse();
          At.mkdir(dir, Name.of("a"), 0700);
        });
    assertThat(owner("a")).containsExactly(0, 0, 0700);
  }

  @Test
  void process_isRoot() {
    assertThat(Identity.processUid()).isZero();
    assertThat(Identity.processGid()).isZero();
  }
}
