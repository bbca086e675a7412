package dev.lamina.overlay.merge;

/**
 * What a resolver makes of the xattrs that say that something lies elsewhere.
 *
 * @param redirects whether redirected directories are followed, else refused (EPERM)
 * @param upperMetacopies what becomes of metacopies in the upper
 * @param lowerMetacopies what becomes of those in lowers
 * @param dataOnly whether there are data-only layers, where the path of a lower's metacopy may lead
 */
public record Following(
    boolean redirects, Metacopies upperMetacopies, Metacopies lowerMetacopies, boolean dataOnly) {
  /** What becomes of a file that is marked as a metacopy. */
  public enum Metacopies {
    /** Its data is looked for: EIO where there is none. */
    FOLLOWED,

    /** Its data is looked for in the data-only layers alone: EPERM where it leads elsewhere. */
    TO_DATA_ONLY,

    /** Nobody gets to see it: EPERM. */
    REFUSED,

    /** It is a file like any other, for those who ask about names alone. */
    UNSEEN
  }

  /** For those who ask what names stand for and never for data. */
  public static Following names(boolean redirects) {
    return new Following(redirects, Metacopies.UNSEEN, Metacopies.UNSEEN, false);
  }

  /**
   * As kernel overlayfs (Linux 6.18): a lower's metacopy is followed into data-only layers,
   * whatever the options say of metacopies.
   */
  public static Following everything(boolean redirects, boolean metacopies, boolean dataOnly) {
    if (metacopies) {
      return new Following(redirects, Metacopies.FOLLOWED, Metacopies.FOLLOWED, dataOnly);
    }
    Metacopies ofLowers = dataOnly ? Metacopies.TO_DATA_ONLY : Metacopies.REFUSED;
    return new Following(redirects, Metacopies.REFUSED, ofLowers, dataOnly);
  }
}
