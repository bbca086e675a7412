package dev.lamina.image;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/**
 * An image, or a layer of one, cannot be used. The message is one line for people: it names the
 * file, the layer and the rule that was broken, and needs no stack trace.
 */
public final class ImageException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What went wrong, coarse enough to choose an exit code by. */
  public enum Kind {
    /** No such file, tag, image or platform. */
    NOT_FOUND,
    /** The input is not what it claims to be: not an archive, broken JSON, a truncated stream. */
    MALFORMED,
    /** Content differs from its size or digest. */
    MISMATCH,
    /** Well-formed input that tries what no image may do. */
    REFUSED,
    /** A documented limit was reached. */
    LIMIT,
    /** Valid, but in a form that is not understood here. */
    UNSUPPORTED,
    /** A registry wants credentials, or others than it was given. */
    DENIED,
    /** A registry cannot be reached, fails, or refuses what is asked of it. */
    UNAVAILABLE,
    /** Somebody needs it, so it stays. */
    IN_USE,
    /** The host failed: no space, no permission, an I/O error. */
    HOST,
    /** The calling thread was interrupted. */
    INTERRUPTED
  }

  private final Kind kind;

  /** With a message for people, which names the place. */
  public ImageException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** With a message for people, which names the place, and what caused it. */
  public ImageException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** A failure of the host's filesystem while doing {@code what} ("reading x.tar"), in words. */
  public static ImageException host(String what, IOException failure) {
    if (failure instanceof ImageException e) {
      return e;
    }
    String reason = failure.getMessage();
    if (failure instanceof AccessDeniedException denied) {
      reason = denied.getFile() + ": permission denied";
    } else if (failure instanceof NoSuchFileException missing) {
      reason = missing.getFile() + ": no such file or directory";
    }
    return new ImageException(Kind.HOST, what + ": " + reason, failure);
  }

  /** What went wrong, for programs. */
  public Kind kind() {
    return kind;
  }

  /** The same failure, said of {@code subject}: "layer sha256:...: (message)". */
  public ImageException about(String subject) {
    return new ImageException(kind, subject + ": " + getMessage(), this);
  }
}
