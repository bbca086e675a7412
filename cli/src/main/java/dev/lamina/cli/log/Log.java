package dev.lamina.cli.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.event.Level;

/**
 * How much this process logs. It goes for all threads: a daemon logs alike for all its mounts.
 * Thread-safe.
 */
public final class Log {
  /** What there is, for messages about what there is not. */
  public static final String LEVELS = "error, warn, info, debug or trace";

  private static final String VARIABLE = "LAMINA_LOG_LEVEL";
  private static final String OWN = "dev.lamina";

  /** netty warns that unix sockets have no keep-alive, which gRPC sets on each. */
  private static final String NOISY = "io.netty.bootstrap";

  private static volatile Level level = Level.WARN;
  private static volatile boolean toJournal;

  /** Whether somebody has said how much he wants to know. */
  private static volatile boolean isSaid;

  private Log() {}

  /** Takes what the environment says; what it says wrong is told, and ignored. */
  public static void begin(Map<String, String> environment) {
    String named = environment.getOrDefault(VARIABLE, "");
    if (!named.isEmpty()) {
      Optional<Level> known = parse(named);
      known.ifPresentOrElse(
          Log::say,
          () -> System.err.println("lamina: " + VARIABLE + " is " + LEVELS + ", not " + named));
    }
    String journal = environment.get("JOURNAL_STREAM");
    toJournal = journal != null && isStandardError(journal);
  }

  /** systemd.exec(5): the device and inode number of the stream that goes to the journal. */
  private static boolean isStandardError(String stream) {
    try {
      Map<String, Object> is = Files.readAttributes(Path.of("/proc/self/fd/2"), "unix:dev,ino");
      return stream.equals(is.get("dev") + ":" + is.get("ino"));
    } catch (IOException e) {
      return false;
    }
  }

  /** One of {@link #LEVELS}, in capitals or not. */
  public static Optional<Level> parse(String name) {
    try {
      return Optional.of(Level.valueOf(name.toUpperCase(Locale.ROOT)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Somebody wants {@code wanted}. */
  public static void say(Level wanted) {
    level = wanted;
    isSaid = true;
  }

  /** What to log unless somebody has said. */
  public static void suggest(Level usual) {
    if (!isSaid) {
      level = usual;
    }
  }

  /** Libraries tell no more than warnings, whatever is wanted of Lamina. */
  static boolean isOn(String logger, Level wanted) {
    if (logger.startsWith(OWN)) {
      return wanted.toInt() >= level.toInt();
    }
    Level least = logger.startsWith(NOISY) ? Level.ERROR : Level.WARN;
    return wanted.toInt() >= Math.max(least.toInt(), level.toInt());
  }

  static boolean isToJournal() {
    return toJournal;
  }
}
