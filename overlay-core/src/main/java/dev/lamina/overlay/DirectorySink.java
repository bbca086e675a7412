package dev.lamina.overlay;

/** Where {@link InodeFileSystem#readdir} puts entries: a transport's reply buffer, a list. */
public interface DirectorySink {
  /**
   * Whether an entry whose name has {@code nameLength} bytes still fits. Asked before the entry is
   * looked up, so that nothing must be undone; after false no more entries come.
   */
  boolean fits(int nameLength);

  /**
   * Takes one entry.
   *
   * @param names holds the name at {@code from}, {@code length} bytes; valid during the call
   * @param ino inode number, the same as {@code stat} gives
   * @param type {@code d_type}, see {@link dev.lamina.linux.FileMode#directoryType}
   * @param nextOffset where a later readdir goes on after this entry
   * @param entry the node and attributes, when entries were asked for and the name is not a dot
   *     name and still exists; else null. Valid during the call
   */
  void accept(byte[] names, int from, int length, long ino, int type, long nextOffset, Entry entry);
}
