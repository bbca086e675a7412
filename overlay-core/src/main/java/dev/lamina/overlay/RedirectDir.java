package dev.lamina.overlay;

/**
 * What a union does with redirects, the xattr by which a renamed directory finds its lower half
 * ({@code redirect_dir=} of kernel overlayfs). With private xattrs in {@code user.*} none of them
 * makes or follows any, since any user could write one: as kernel overlayfs with {@code userxattr}.
 */
public enum RedirectDir {
  /** Makes and follows them: directories of lower layers can be renamed. */
  ON,

  /** Follows those that exist; renames of directories of lower layers are EXDEV. */
  FOLLOW,

  /** Makes none, and refuses directories that have one: EPERM. */
  NOFOLLOW,

  /** As {@link #FOLLOW}, which is what kernels built with REDIRECT_ALWAYS_FOLLOW do. */
  OFF;

  boolean follows() {
    return this != NOFOLLOW;
  }
}
