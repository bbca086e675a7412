package dev.lamina.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs this clone's launchers, as their users do, on a state directory of the test's own. */
final class Launcher {
  /** Surefire and failsafe run in the module's directory. */
  static final Path CLONE = Path.of("..").toAbsolutePath().normalize();

  private final Path clone;
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final List<String> prefix;

  private Launcher(Path clone, Map<String, String> environment, List<String> prefix) {
    this.clone = clone;
    this.environment.putAll(environment);
    this.prefix = prefix;
  }

  /** Launchers that keep their state below {@code root}. */
  static Launcher withRoot(Path root) {
    return new Launcher(
        CLONE,
        Map.of("LAMINA_ROOT", root.toString(), "LAMINA_RUNTIME_DIR", runtime(root).toString()),
        List.of());
  }

  /** Where daemons of these launchers listen: not with one that this host may have. */
  static Path runtime(Path root) {
    return root.resolveSibling("run");
  }

  /** The same with another variable. */
  Launcher with(String name, Object value) {
    Launcher launcher = new Launcher(clone, environment, prefix);
    launcher.environment.put(name, value.toString());
    return launcher;
  }

  /** The same through a program that runs others, such as setpriv(1). */
  Launcher through(Object... command) {
    return new Launcher(clone, environment, strings(command));
  }

  /** The same from another clone. */
  Launcher in(Path otherClone) {
    return new Launcher(otherClone, environment, prefix);
  }

  CommandResult lamina(Object... arguments) throws Exception {
    return start("lamina", arguments).await();
  }

  CommandResult fuseLamina(Object... arguments) throws Exception {
    return start("fuse-lamina", arguments).await();
  }

  ChildProcess startLamina(Object... arguments) throws IOException {
    return start("lamina", arguments);
  }

  ChildProcess startFuseLamina(Object... arguments) throws IOException {
    return start("fuse-lamina", arguments);
  }

  private ChildProcess start(String launcher, Object... arguments) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(clone.resolve(launcher).toString());
    command.addAll(strings(arguments));
    return ChildProcess.start(command, environment);
  }

  /** Runs a shell script on the host, which finds {@code arguments} as $1, $2 ... */
  static CommandResult sh(String script, Object... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("sh", "-ec", script, "sh"));
    command.addAll(strings(arguments));
    return ChildProcess.start(command, Map.of()).await();
  }

  /** Whether this host has a program. */
  static boolean hasProgram(String name) throws Exception {
    return sh("command -v $1 || true", name).succeeds().out().startsWith("/");
  }

  private static List<String> strings(Object... values) {
    List<String> strings = new ArrayList<>();
    for (Object value : values) {
      strings.add(value.toString());
    }
    return strings;
  }
}
