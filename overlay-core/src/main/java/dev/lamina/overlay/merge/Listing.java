package dev.lamina.overlay.merge;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import dev.lamina.linux.Name;
import java.util.Arrays;

/**
 * The names of one directory, each once, packed into a few arrays: a directory of 200,000 entries
 * is a few arrays and not as many objects. Filled by one thread, then unchanged.
 *
 * <p>What shows is in the order of cookies. A cookie is a hash of the name, so an entry keeps its
 * own from one listing of the directory to the next, and reading can go on in a later one; of names
 * with the same hash, those after the first have the next free numbers.
 */
public final class Listing {
  /** The smallest cookie; smaller numbers are free for the dot names. */
  public static final int FIRST_COOKIE = 3;

  private static final int EMPTY = -1;

  /** Its result is 31 bits wide as a cookie: all that programs built for 32 bits can hold. */
  private static final HashFunction HASH = Hashing.murmur3_32_fixed();

  private byte[] names = new byte[1024];
  private int namesEnd;

  /** Where the name of entry i starts; it ends where the next one starts. */
  private int[] starts = new int[32];

  private long[] inos = new long[32];
  private byte[] types = new byte[32];
  private int count;
  private int upperCount;

  /** Numbers of the entries that show, in the order of {@link #cookies}. Once filled. */
  private int[] order;

  private int[] cookies;

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
    long[] byHash = new long[count];
    int shown = 0;
    for (int entry = 0; entry < count; entry++) {
      if (types[entry] != ListingBuilder.HIDDEN) {
        int hash = HASH.hashBytes(names, starts[entry], length(entry)).asInt();
        byHash[shown++] = ((long) (hash & Integer.MAX_VALUE) << 32) | entry;
      }
    }
    Arrays.sort(byHash, 0, shown);
    order = new int[shown];
    cookies = new int[shown];
    int last = FIRST_COOKIE - 1;
    for (int i = 0; i < shown; i++) {
      order[i] = (int) byHash[i];
      last = Math.max((int) (byHash[i] >>> 32), last + 1);
      cookies[i] = last;
    }
  }

  /** How many entries show. */
  public int shown() {
    return order.length;
  }

  /** The entry in place {@code place} of those that show. */
  public int entry(int place) {
    return order[place];
  }

  /** Where the entry in that place is, as a positive number of 31 bits; see the class comment. */
  public int cookie(int place) {
    return cookies[place];
  }

  /** The first place whose cookie is larger than {@code cookie}; {@link #shown} if none is. */
  public int placeAfter(long cookie) {
    if (cookie < FIRST_COOKIE) {
      return 0;
    }
    if (cookie >= Integer.MAX_VALUE) {
      return order.length;
    }
    int found = Arrays.binarySearch(cookies, (int) cookie);
    return found >= 0 ? found + 1 : -found - 1;
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

  /** The bytes of all names; entry i's are {@link #start} and {@link #length} of it. */
  public byte[] names() {
    return names;
  }

  /** Where the name of {@code entry} begins in {@link #names}. */
  public int start(int entry) {
    return starts[entry];
  }

  /** Bytes of the name of {@code entry}. */
  public int length(int entry) {
    return starts[entry + 1] - starts[entry];
  }

  /** Inode number of {@code entry}, as its layer shows it. */
  public long ino(int entry) {
    return inos[entry];
  }

  /**
   * Whether the entry is the upper's, so that its number may be that of what it was copied from.
   */
  public boolean isOfUpper(int entry) {
    return entry < upperCount;
  }

  /** {@code d_type} of an entry that shows. */
  public int type(int entry) {
    return types[entry];
  }

  /** Whether no entry shows. */
  public boolean isEmpty() {
    return order.length == 0;
  }
}
