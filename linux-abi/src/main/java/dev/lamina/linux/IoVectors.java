package dev.lamina.linux;

import dev.lamina.linux.Structs.Iovec;

/** Pieces of memory as one array of {@code struct iovec}, and kept reachable with it. */
public final class IoVectors {
  private final NativeMemory[] pieces;
  private final NativeMemory array;

  private IoVectors(NativeMemory[] pieces, NativeMemory array) {
    this.pieces = pieces;
    this.array = array;
  }

  /** Pieces of memory, which it keeps reachable. */
  public static IoVectors of(NativeMemory... pieces) {
    NativeMemory array = NativeMemory.allocate(pieces.length * Iovec.SIZE);
    for (int i = 0; i < pieces.length; i++) {
      array.putLong(i * Iovec.SIZE + Iovec.IOV_BASE, pieces[i].address());
      array.putLong(i * Iovec.SIZE + Iovec.IOV_LEN, pieces[i].size());
    }
    return new IoVectors(pieces.clone(), array);
  }

  /** Address of the array; valid while this object is reachable, as that of memory is. */
  long address() {
    return array.address();
  }

  int count() {
    return pieces.length;
  }
}
