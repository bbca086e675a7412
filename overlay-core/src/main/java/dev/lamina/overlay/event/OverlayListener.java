package dev.lamina.overlay.event;

/**
 * Told what an overlay does that costs time, room or data; registered with {@code
 * OverlayOptions.Builder.listener}.
 *
 * <p><b>Threads.</b> Calls come on the thread that does the work, of a request or of the background
 * copier, so several may come at once: a listener is thread-safe and returns soon. No lock of the
 * overlay is held, but for {@link #promotionStarted} of a file: the thread has that file for itself
 * by then, and whoever wants to change the same file waits for the listener, too. A listener does
 * not call back into the overlay, nor use a mount of it.
 *
 * <p><b>Order.</b> For each promotion, {@link #promotionStarted} comes first and exactly one of
 * {@link #promotionFinished} and {@link #promotionFailed} last, but see there.
 *
 * <p><b>Failures.</b> What a listener throws is logged and has no other effect. Without a listener
 * none of this costs anything.
 */
public interface OverlayListener {
  /** {@code promotion} begins. */
  default void promotionStarted(Promotion promotion) {}

  /**
   * {@code promotion} is done: what the upper has of the object is complete and in its place; or
   * nobody needs the rest of a {@link PromotionKind#PARTIAL} one, as the file was emptied or
   * removed.
   *
   * @param bytes that were copied for it: 0 where none had to be, or blocks are shared. Holes and,
   *     for {@link PromotionKind#PARTIAL}, blocks that programs wrote themselves do not count
   * @param nanos how long it took, since it started
   */
  default void promotionFinished(Promotion promotion, PromotionKind kind, long bytes, long nanos) {}

  /**
   * {@code promotion} failed, and the object is as it was. One that is {@link
   * PromotionKind#PARTIAL} goes on: the copying is tried again later, in this mount or the next,
   * and this may come again, or {@link #promotionFinished}.
   *
   * @param errno of {@link dev.lamina.linux.Errno}; ECANCELED for one that is left to the next
   *     mount
   */
  default void promotionFailed(Promotion promotion, int errno) {}

  /**
   * A whiteout was made: a name that a lower has was removed, or moved away.
   *
   * @param path of what is hidden, as that of a {@link Promotion}
   */
  default void whiteoutMade(String path) {}

  /**
   * A mount's server answered a request with an error that is the host's and not the caller's: EIO,
   * ENOSPC, EDQUOT, ENOMEM, EMFILE or ENFILE. Comes from mounts alone: who calls the overlay itself
   * gets the exception.
   *
   * @param operation the protocol's name for the kind of request, such as {@code WRITE}
   * @param inode {@code st_ino} of the node that it was about, or 0 where that is gone
   */
  default void requestFailed(String operation, long inode, int errno) {}
}
