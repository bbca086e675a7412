package dev.lamina.benchmarks.curve;

/** What grows along a curve. */
public enum Against {
  /** Bytes of the file that is written. */
  FILE_SIZE("file size", "bytes"),

  /** Layers from the topmost to the one that has the file. */
  LAYERS("layers", "layers"),

  /** Containers on the same layers that write the file at once. */
  CONTAINERS("containers", "containers");

  private final String title;
  private final String unit;

  Against(String title, String unit) {
    this.title = title;
    this.unit = unit;
  }

  /** For people. */
  public String title() {
    return title;
  }

  /** Of what is counted. */
  public String unit() {
    return unit;
  }
}
