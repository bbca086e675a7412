package dev.lamina.cli.doctor;

import java.util.Optional;

/**
 * One thing that was looked at.
 *
 * @param name short, the same on every host; a script may look for it
 * @param state whether something is to be done
 * @param seen what is the case
 * @param effect what that costs or gains
 * @param remedy one command or option that changes it; empty where there is nothing to change
 */
public record Finding(
    String name, State state, String seen, String effect, Optional<String> remedy) {
  /** In the order in which somebody should care. */
  public enum State {
    OK,
    /** It works, and costs something. */
    NOTE,
    /** Something does not work. */
    PROBLEM
  }
}
