package dev.lamina.overlay;

/**
 * Whether a change of a lower file's owner, mode, times or xattrs brings these alone into the
 * upper, and leaves the data below ({@code metacopy=} of kernel overlayfs). Needs redirects to be
 * {@linkplain RedirectDir#ON made}, by which a renamed metacopy finds its data. With private xattrs
 * in {@code user.*} there are none, since any user could write one and read another's file.
 */
public enum Metacopies {
  /** {@link #ON} where redirects are made and the private xattrs are {@code trusted.*}. */
  AUTO,

  ON,

  /** Makes none, and refuses those that exist: EPERM. */
  OFF
}
