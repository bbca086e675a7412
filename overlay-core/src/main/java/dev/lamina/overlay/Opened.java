package dev.lamina.overlay;

/** What opening a file gives. */
public final class Opened {
  /** No real file stands behind the handle, or none that could be used instead of it. */
  public static final int NONE = -1;

  /** The handle that reads, writes and the release name the open file by. */
  public long handle;

  /**
   * A descriptor of the real file that holds the data now, with the access mode that was asked for,
   * or {@link #NONE}: also where the data is about to move or in several places. It is the
   * handle's: to be looked at before the handle is used or released.
   */
  public int descriptor = NONE;

  /**
   * Whether the data stays in that real file for as long as the node lives. Else a promotion takes
   * it elsewhere, and who reads the real file behind the handle's back reads old data then.
   */
  public boolean settled;
}
