package dev.lamina.layer.tar;

/** One extended attribute of an entry; both arrays are the entry's own and not to be changed. */
public final class TarXattr {
  private final byte[] name;
  private final byte[] value;

  public TarXattr(byte[] name, byte[] value) {
    this.name = name;
    this.value = value;
  }

  public byte[] name() {
    return name;
  }

  public byte[] value() {
    return value;
  }
}
