package dev.lamina.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IoUringSwitchTest {
  private Path parameter;

  @BeforeEach
  void place(@TempDir Path directory) {
    parameter = directory.resolve("enable_uring");
  }

  @Test
  void putBack_afterAChange_setsWhatWas() throws IOException {
    Files.writeString(parameter, "N\n");
    IoUringSwitch kept = IoUringSwitch.at(parameter);
    Files.writeString(parameter, "Y\n");
    kept.putBack();
    assertThat(parameter).hasContent("N\n");
  }

  @Test
  void putBack_whereTheModuleWasNotLoaded_leavesItOff() throws IOException {
    IoUringSwitch kept = IoUringSwitch.at(parameter);
    Files.writeString(parameter, "Y\n");
    kept.putBack();
    assertThat(parameter).hasContent("N");
  }

  @Test
  void putBack_whereThereIsNone_doesNothing() throws IOException {
    IoUringSwitch.at(parameter).putBack();
    assertThat(parameter).doesNotExist();
  }
}
