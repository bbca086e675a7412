package dev.lamina.cli;

import dev.lamina.linux.Stat;
import java.io.IOException;

/** Where {@code lamina ls} writes entries; names are bytes. */
interface EntryWriter {
  /** The name alone. */
  void name(byte[] name) throws IOException;

  /** All about it; {@code target} is that of a symbolic link, else null. */
  void details(byte[] name, Stat stat, byte[] target) throws IOException;

  /** A deletion, among details of other entries. */
  void deletion(byte[] name) throws IOException;

  /** After the last entry. */
  void end() throws IOException;
}
