package dev.lamina.overlay;

/**
 * Told of side effects on attributes, for whoever caches them: see {@link
 * InodeFileSystem#addAttributeListener}.
 */
@FunctionalInterface
public interface AttributeListener {
  /**
   * Attributes of {@code node} changed in a call that was about something else. Comes on the thread
   * of that call before it returns, while locks may be held: must not call back.
   */
  void attributesChanged(long node);
}
