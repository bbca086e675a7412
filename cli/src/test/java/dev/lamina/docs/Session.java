package dev.lamina.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A block with prompts: commands, and what each shows. In what is shown a line of dots stands for
 * any lines, and dots at the end of a digest for the rest of any digest.
 */
public final class Session {
  private static final String PROMPT = "$ ";
  private static final String MARK = "--- end of what is shown ---";

  private final List<String> commands = new ArrayList<>();
  private final List<StringBuilder> shown = new ArrayList<>();

  private Session() {}

  public static Session of(Snippet snippet) {
    Session session = new Session();
    snippet.text().lines().forEach(session::take);
    return session;
  }

  private void take(String line) {
    if (line.startsWith(PROMPT)) {
      commands.add(line.substring(PROMPT.length()));
      shown.add(new StringBuilder());
    } else {
      shown.get(shown.size() - 1).append(pattern(line));
    }
  }

  private static String pattern(String line) {
    if (line.equals("...")) {
      return "(.*\n)*";
    }
    return (line.matches("sha256:[0-9a-f]+\\.\\.\\.") ? "sha256:[0-9a-f]{64}" : Pattern.quote(line))
        + "\n";
  }

  /** A script of all commands, for {@link #assertShown}. */
  public String script() {
    return String.join("\necho '" + MARK + "'\n", commands) + "\n";
  }

  /** Compares what the script wrote to standard output with the block. */
  public void assertShown(String output) {
    String[] outputs = output.split(Pattern.quote(MARK) + "\n", -1);
    assertThat(outputs).hasSameSizeAs(commands);
    for (int i = 0; i < outputs.length; i++) {
      assertThat(outputs[i]).as(commands.get(i)).matches("(?s)" + shown.get(i));
    }
  }
}
