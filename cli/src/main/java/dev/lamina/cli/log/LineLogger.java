package dev.lamina.cli.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * Writes {@code lamina: LEVEL: MESSAGE} to {@code System.err}, as the thread has it at that moment,
 * by one call. Where that is systemd's journal each line begins with its level, as sd-daemon(3) has
 * it.
 */
final class LineLogger extends LegacyAbstractLogger {
  private static final long serialVersionUID = 1L;

  static {
    // Loaded now: when descriptors have run out, which is told by a line, no class can be.
    MessageFormatter.basicArrayFormat("{}", new Object[] {""});
  }

  LineLogger(String name) {
    this.name = name;
  }

  @Override
  public boolean isTraceEnabled() {
    return Log.isOn(name, Level.TRACE);
  }

  @Override
  public boolean isDebugEnabled() {
    return Log.isOn(name, Level.DEBUG);
  }

  @Override
  public boolean isInfoEnabled() {
    return Log.isOn(name, Level.INFO);
  }

  @Override
  public boolean isWarnEnabled() {
    return Log.isOn(name, Level.WARN);
  }

  @Override
  public boolean isErrorEnabled() {
    return Log.isOn(name, Level.ERROR);
  }

  @Override
  protected String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level, Marker marker, String pattern, Object[] arguments, Throwable thrown) {
    String text = "lamina: " + word(level) + MessageFormatter.basicArrayFormat(pattern, arguments);
    if (thrown != null) {
      StringWriter stack = new StringWriter();
      thrown.printStackTrace(new PrintWriter(stack, true));
      text += System.lineSeparator() + stack.toString().stripTrailing();
    }
    if (Log.isToJournal()) {
      String prefix = "<" + priority(level) + ">";
      text = prefix + text.replace("\n", "\n" + prefix);
    }
    System.err.print(text + System.lineSeparator());
    System.err.flush();
  }

  private static String word(Level level) {
    return switch (level) {
      case ERROR -> "error: ";
      case WARN -> "warning: ";
      case INFO -> "";
      case DEBUG -> "debug: ";
      case TRACE -> "trace: ";
    };
  }

  /** Of syslog(3). */
  private static int priority(Level level) {
    return switch (level) {
      case ERROR -> 3;
      case WARN -> 4;
      case INFO -> 6;
      case DEBUG, TRACE -> 7;
    };
  }
}
