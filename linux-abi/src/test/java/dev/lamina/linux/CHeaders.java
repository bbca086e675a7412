package dev.lamina.linux;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Asks the host's C compiler for the values of expressions. */
final class CHeaders {
  private CHeaders() {}

  /**
   * The values of {@code expressions}; macros and structs that these headers do not have are left
   * out. Skips the test where there is no gcc.
   *
   * @param guards by expression: the macro without which it is not known; others are always there
   */
  static Map<String, Long> evaluate(
      Path directory,
      List<String> headers,
      Iterable<String> expressions,
      Map<String, String> guards)
      throws IOException, InterruptedException {
    assumeTrue(hasGcc(), "no gcc: constants and layouts are not compared with the C headers");
    StringBuilder source = new StringBuilder("#define _GNU_SOURCE\n");
    headers.forEach(header -> source.append("#include <").append(header).append(">\n"));
    source.append("int main(void) {\n");
    for (String expression : expressions) {
      String guard = guards.get(expression);
      String print = "printf(\"%lld " + expression + "\\n\", (long long) (" + expression + "));\n";
      source.append(guard == null ? print : "#if " + guard + "\n" + print + "#endif\n");
    }
    source.append("}\n");
    Path file = Files.writeString(directory.resolve("values.c"), source);
    Path program = directory.resolve("values");
    run(directory, "gcc", "-o", program.toString(), file.toString());
    Map<String, Long> values = new TreeMap<>();
    for (String line : run(directory, program.toString()).lines().toList()) {
      int space = line.indexOf(' ');
      values.put(line.substring(space + 1), Long.valueOf(line.substring(0, space)));
    }
    return values;
  }

  private static boolean hasGcc() throws InterruptedException {
    try {
      return new ProcessBuilder("gcc", "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static String run(Path directory, String... command)
      throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      fail(command[0] + " does not end");
    }
    String text = Files.readString(output);
    if (process.exitValue() != 0) {
      fail(String.join(" ", command) + ": " + text);
    }
    return text;
  }
}
