package dev.lamina.store;

import dev.lamina.image.Digest;
import java.io.IOException;
import java.util.List;

/**
 * Who stands on images beside the processes that hold them: the containers, which are not the
 * store's business but must not lose their layers. Asked under the store's lock, so that no
 * container comes into being meanwhile whose maker holds its image ({@link ImageStore#hold}).
 */
@FunctionalInterface
public interface ImageUsers {
  /** Nobody. */
  ImageUsers NONE = List::of;

  /**
   * Something that needs an image.
   *
   * @param name for messages: {@code container web}
   * @param mounted whether its files are open now
   */
  record User(String name, Digest image, boolean mounted) {}

  /** Those that there are now. */
  List<User> list() throws IOException;
}
