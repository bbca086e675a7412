package dev.lamina.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.fixtures.mount.MountScratch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the probes of one union filesystem, all of them, in a Python of their own. */
final class SemanticsProbes {
  /** In the order of the table. */
  private static final List<String> GROUPS =
      List.of("names", "identity", "data", "metadata", "layers", "ondisk", "ownership");

  private static final int LIMIT_MINUTES = 19;

  private final Path scripts;
  private final Path place;
  private final Path output;
  private final String system;
  private final Process process;

  /**
   * Starts them.
   *
   * @param features mount options of all rows but for those of their own, of Lamina and the kernel
   */
  SemanticsProbes(MountScratch scratch, String system, String features) throws IOException {
    this.system = system;
    this.scripts = scratch.directory("scripts-" + system);
    this.place = scratch.directory("layers-" + system);
    this.output = scratch.root().resolve(system + ".json");
    copy(MountScratch.class, "prelude.py");
    copy(SemanticsProbes.class, "semantics/driver.py");
    copy(SemanticsProbes.class, "semantics/probes.py");
    for (String group : GROUPS) {
      copy(SemanticsProbes.class, "semantics/" + group + ".py");
    }
    String program =
        "import sys, driver, " + String.join(", ", GROUPS) + "; driver.main(*sys.argv[1:])";
    ProcessBuilder builder =
        new ProcessBuilder(
            "/usr/bin/env",
            "python3",
            "-c",
            program,
            system,
            Launcher.CLONE.resolve("fuse-lamina").toString(),
            place.toString(),
            features);
    builder.directory(scripts.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("LAMINA_"));
    builder.environment().put("PYTHONPATH", scripts.toString());
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.redirectOutput(output.toFile());
    builder.redirectError(scratch.root().resolve(system + ".err").toFile());
    this.process = builder.start();
  }

  private void copy(Class<?> near, String resource) throws IOException {
    try (InputStream in = near.getResourceAsStream(resource)) {
      Files.copy(in, scripts.resolve(Path.of(resource).getFileName()));
    }
  }

  /** What they observed, one map of the driver's fields per row; waits for their end. */
  List<Map<String, String>> await() throws Exception {
    try {
      if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
        throw new AssertionError(
            "probes of " + system + ": " + Files.readString(place.resolveSibling(system + ".err")));
      }
      return new ObjectMapper().readValue(output.toFile(), new TypeReference<>() {});
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
