package dev.lamina.image;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of some bytes: an algorithm and their hash, as in OCI descriptor.md. The grammar is
 * checked when one is made, so {@link #hex} is safe as a file name: {@code sha256:../../x} never
 * becomes a digest (CVE-2014-9358, CVE-2024-3727).
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex lower-case hexadecimal, 64 or 128 digits
 */
public record Digest(String algorithm, String hex) {
  private static final Pattern SHA256 = Pattern.compile("[a-f0-9]{64}");
  private static final Pattern SHA512 = Pattern.compile("[a-f0-9]{128}");

  public Digest {
    boolean valid =
        switch (algorithm) {
          case "sha256" -> SHA256.matcher(hex).matches();
          case "sha512" -> SHA512.matcher(hex).matches();
          default -> false;
        };
    if (!valid) {
      throw new IllegalArgumentException("not a sha256 or sha512 digest");
    }
  }

  /** Reads {@code algorithm:hex}. */
  public static Digest parse(String text) throws ImageException {
    try {
      return of(text);
    } catch (IllegalArgumentException e) {
      String shown = text.length() > 150 ? text.substring(0, 150) + "..." : text;
      throw new ImageException(
          ImageException.Kind.MALFORMED,
          "\"" + Json.printable(shown) + "\" is not a sha256 or sha512 digest",
          e);
    }
  }

  /** As {@link #parse}, but empty for what is no digest. */
  public static Optional<Digest> tryParse(String text) {
    try {
      return Optional.of(of(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @JsonCreator
  static Digest of(String text) {
    int colon = text.indexOf(':');
    return new Digest(text.substring(0, Math.max(0, colon)), text.substring(colon + 1));
  }

  /** The digest that a finished SHA-256 computation gives. */
  public static Digest sha256(MessageDigest finished) {
    return new Digest("sha256", HexFormat.of().formatHex(finished.digest()));
  }

  /** The digest of {@code content}. */
  public static Digest sha256(byte[] content) {
    MessageDigest digest = newSha256();
    digest.update(content);
    return sha256(digest);
  }

  /** A fresh SHA-256, which every JDK has. */
  public static MessageDigest newSha256() {
    return instance("SHA-256");
  }

  /** A fresh computation with this digest's algorithm. */
  public MessageDigest newComputation() {
    return instance(algorithm.equals("sha256") ? "SHA-256" : "SHA-512");
  }

  /** Whether a finished computation gave this digest. */
  public boolean matches(MessageDigest finished) {
    return HexFormat.of().formatHex(finished.digest()).equals(hex);
  }

  /** The chainID of a layer on top of {@code parent}, as in OCI config.md. */
  public static Digest chain(Digest parent, Digest diffId) {
    return sha256((parent + " " + diffId).getBytes(StandardCharsets.US_ASCII));
  }

  private static MessageDigest instance(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + name, e);
    }
  }

  @Override
  @JsonValue
  public String toString() {
    return algorithm + ":" + hex;
  }
}
