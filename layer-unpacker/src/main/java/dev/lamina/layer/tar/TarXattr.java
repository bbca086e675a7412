package dev.lamina.layer.tar;

/** One extended attribute of an entry; both arrays are the entry's own and not to be changed. */
public final class TarXattr {
  private final byte[] name;
  private final byte[] value;

  /** Copies nothing: neither array is to be changed. */
  public TarXattr(byte[] name, byte[] value) {
    this.name = name;
    this.value = value;
  }

  /** The full name, such as {@code user.mime_type}, any bytes. */
  public byte[] name() {
    return name;
  }

  /** The value. */
  public byte[] value() {
    return value;
  }
}
