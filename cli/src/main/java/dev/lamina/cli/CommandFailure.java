package dev.lamina.cli;

/** A command cannot go on: one line for the user and the exit status. */
final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  CommandFailure(int status, String message) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }
}
