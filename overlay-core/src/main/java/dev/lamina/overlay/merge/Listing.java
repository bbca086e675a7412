package dev.lamina.overlay.merge;

import dev.lamina.linux.Name;
import java.util.Arrays;

/**
 * The names of one directory, each once, packed into a few arrays: a directory of 200,000 entries
 * is three arrays and not as many objects. Filled by one thread, then unchanged.
 */
public final class Listing {
  private static final int EMPTY = -1;

  private byte[] names = new byte[1024];
  private int namesEnd;

  /** Where the name of entry i starts; it ends where the next one starts. */
  private int[] starts = new int[32];

  private long[] inos = new long[32];
  private byte[] types = new byte[32];
  private int count;
  private int upperCount;

  /** Open-addressed table of entry numbers. Only while filling; a power of two in size. */
  private int[] index;

  Listing() {
    index = new int[64];
    Arrays.fill(index, EMPTY);
  }

  /** Adds a name unless it is there; whether it was added. */
  boolean add(Name name, long ino, int type) {
    int slot = slotOf(name);
    if (index[slot] != EMPTY) {
      return false;
    }
    index[slot] = count;
    append(name, ino, type);
    if (count * 2 > index.length) {
      rehash();
    }
    return true;
  }

  /** Ends the filling and gives the memory for it back. */
  void freeze() {
    index = null;
  }

  /** Everything added so far is of the upper. */
  void endUpper() {
    upperCount = count;
  }

  private void append(Name name, long ino, int type) {
    if (count + 1 >= starts.length) {
      starts = Arrays.copyOf(starts, starts.length * 2);
      inos = Arrays.copyOf(inos, inos.length * 2);
      types = Arrays.copyOf(types, types.length * 2);
    }
    if (namesEnd + name.length() > names.length) {
      names = Arrays.copyOf(names, names.length * 2 + name.length());
    }
    for (int i = 0; i < name.length(); i++) {
      names[namesEnd + i] = name.at(i);
    }
    starts[count] = namesEnd;
    inos[count] = ino;
    types[count] = (byte) type;
    namesEnd += name.length();
    count++;
    starts[count] = namesEnd;
  }

  private int slotOf(Name name) {
    int slot = spread(name.contentHash()) & (index.length - 1);
    while (index[slot] != EMPTY && !sameName(index[slot], name)) {
      slot = (slot + 1) & (index.length - 1);
    }
    return slot;
  }

  private boolean sameName(int entry, Name name) {
    if (length(entry) != name.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (names[starts[entry] + i] != name.at(i)) {
        return false;
      }
    }
    return true;
  }

  private void rehash() {
    index = new int[index.length * 2];
    Arrays.fill(index, EMPTY);
    for (int entry = 0; entry < count; entry++) {
      int hash = 1;
      for (int i = starts[entry]; i < starts[entry + 1]; i++) {
        hash = 31 * hash + names[i];
      }
      int slot = spread(hash) & (index.length - 1);
      while (index[slot] != EMPTY) {
        slot = (slot + 1) & (index.length - 1);
      }
      index[slot] = entry;
    }
  }

  private static int spread(int hash) {
    return (hash * 0x9E3779B9) >>> 7;
  }

  /** Number of entries, those that only hide a name included. */
  public int size() {
    return count;
  }

  /** The bytes of all names; entry i's are {@link #start} and {@link #length} of it. */
  public byte[] names() {
    return names;
  }

  public int start(int entry) {
    return starts[entry];
  }

  public int length(int entry) {
    return starts[entry + 1] - starts[entry];
  }

  public long ino(int entry) {
    return inos[entry];
  }

  /**
   * Whether the entry is the upper's, so that its number may be that of what it was copied from.
   */
  public boolean isOfUpper(int entry) {
    return entry < upperCount;
  }

  /** {@code d_type}, or {@link ListingBuilder#HIDDEN} for a name that is not visible. */
  public int type(int entry) {
    return types[entry];
  }

  /** Whether the entry shows; the others are whiteouts and marks. */
  public boolean isVisible(int entry) {
    return types[entry] != ListingBuilder.HIDDEN;
  }

  /** Whether no entry shows. */
  public boolean isEmpty() {
    for (int i = 0; i < count; i++) {
      if (isVisible(i)) {
        return false;
      }
    }
    return true;
  }
}
