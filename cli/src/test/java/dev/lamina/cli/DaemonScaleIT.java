package dev.lamina.cli;

import static dev.lamina.cli.StateDirectory.isMounted;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A hundred mounts in one process. */
final class DaemonScaleIT extends DaemonEndToEnd {
  private static final int MOUNTS = 100;

  @Test
  void hundredMounts_costAFewThreadsAndDescriptorsEach() throws Exception {
    launcher.lamina("daemon").succeeds();
    DaemonProcess daemon = DaemonProcess.only(runtime);
    mount(0);
    int threads = daemon.threads();
    int descriptors = daemon.descriptors();
    long resident = daemon.resident();
    for (int i = 1; i < MOUNTS; i++) {
      mount(i);
    }
    System.out.printf(
        "%d mounts: %.1f threads, %.1f descriptors, %d KiB each; %d KiB in all%n",
        MOUNTS,
        each(daemon.threads() - threads),
        each(daemon.descriptors() - descriptors),
        (daemon.resident() - resident) / (MOUNTS - 1),
        daemon.resident());
    assertThat(each(daemon.threads() - threads)).as("threads of a mount").isLessThan(4.5);
    assertThat(each(daemon.descriptors() - descriptors)).as("descriptors").isLessThan(14);

    for (int i = 0; i < MOUNTS; i++) {
      Path mnt = directory("m" + i);
      assertThat(mnt.resolve("file")).hasContent("below\n");
      Files.writeString(mnt.resolve("new"), "of " + i);
    }
    for (int i = 0; i < MOUNTS; i += 10) {
      launcher.lamina("umount", directory("m" + i)).succeeds();
    }
    daemon.signal("TERM");
    daemon.awaitEnd();
    for (int i = 0; i < MOUNTS; i++) {
      assertThat(isMounted(directory("m" + i))).isFalse();
      assertThat(directory("d" + i + "/upper").resolve("new")).hasContent("of " + i);
    }
  }

  private void mount(int number) throws Exception {
    launcher.fuseLamina("-o", writable("d" + number), directory("m" + number)).succeeds();
  }

  private static double each(int all) {
    return (double) all / (MOUNTS - 1);
  }
}
