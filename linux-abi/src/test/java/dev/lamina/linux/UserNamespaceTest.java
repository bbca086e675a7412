package dev.lamina.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class UserNamespaceTest {
  private static final int CAP_SYS_BOOT = 22;

  @Test
  void map_thatCoversAllIds_isTheHosts() {
    assertThat(UserNamespace.coversAllIds(List.of("         0          0 4294967295"))).isTrue();
    assertThat(UserNamespace.coversAllIds(List.of("         0       1000          1"))).isFalse();
    assertThat(UserNamespace.coversAllIds(List.of("0 1000 1", "1 100000 65536"))).isFalse();
    assertThat(UserNamespace.coversAllIds(List.of("0 1 1", "1 0 1", "2 2 4294967293"))).isTrue();
    assertThat(UserNamespace.coversAllIds(List.of())).isFalse();
  }

  @Test
  void capability_isTheThreadsOwn() throws Exception {
    Host.requireRoot();
    int self = (int) ProcessHandle.current().pid();
    assertThat(UserNamespace.isHostRoot()).isTrue();
    assertThat(UserNamespace.hasCapability(self, UserNamespace.CAP_FSETID)).isTrue();
    Process other =
        new ProcessBuilder("setpriv", "--reuid", "65534", "--clear-groups", "sleep", "60").start();
    Process fakeRoot = new ProcessBuilder("unshare", "-r", "sleep", "60").start();
    try {
      awaitProgram(other, "sleep");
      awaitProgram(fakeRoot, "sleep");
      int nobody = (int) other.pid();
      assertThat(UserNamespace.hasCapability(nobody, UserNamespace.CAP_FSETID)).isFalse();
      assertThat(UserNamespace.hasCapability(nobody, CAP_SYS_BOOT)).isFalse();
      int root = (int) fakeRoot.pid();
      assertThat(UserNamespace.hasCapability(root, UserNamespace.CAP_FSETID)).isFalse();
    } finally {
      other.destroyForcibly().waitFor();
      fakeRoot.destroyForcibly().waitFor();
    }
    assertThat(UserNamespace.hasCapability((int) other.pid(), CAP_SYS_BOOT)).isFalse();
    assertThat(UserNamespace.hasCapability(0, UserNamespace.CAP_FSETID)).isFalse();
  }

  private static void awaitProgram(Process process, String name) throws Exception {
    while (!process.info().command().orElse("").endsWith(name)) {
      assertThat(process.isAlive()).isTrue();
      Thread.sleep(5);
    }
  }
}
