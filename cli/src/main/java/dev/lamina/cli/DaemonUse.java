package dev.lamina.cli;

import java.util.List;

/**
 * The values of {@code --daemon}, {@code -o daemon=} and {@code LAMINA_DAEMON}. The launchers act
 * on them, before there is a JVM; here they are only checked.
 */
final class DaemonUse {
  private static final List<String> VALUES = List.of("auto", "on", "off");

  private DaemonUse() {}

  static void require(Invocation invocation) throws CommandFailure {
    require("LAMINA_DAEMON", invocation.variable("LAMINA_DAEMON").orElse(VALUES.get(0)));
  }

  static void require(String option, String value) throws CommandFailure {
    if (!VALUES.contains(value)) {
      throw new CommandFailure(ExitStatus.USAGE, option + " is auto, on or off, not " + value);
    }
  }
}
