package dev.lamina.overlay.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/**
 * Objects by small number. Reading takes no lock; numbers start at {@code first} and are reused,
 * the lowest page first, so the table stays as small as its largest crowd was.
 */
public final class SlotTable<T> {
  private static final int PAGE_BITS = 10;
  private static final int PAGE_SIZE = 1 << PAGE_BITS;

  private final long first;
  private volatile AtomicReferenceArray<T>[] pages = newPages(0);

  @GuardedBy("this")
  private int[] free = new int[64];

  @GuardedBy("this")
  private int freeCount;

  @GuardedBy("this")
  private int used;

  /** A table whose numbers start at {@code first}. */
  public SlotTable(long first) {
    this.first = first;
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static <T> AtomicReferenceArray<T>[] newPages(int count) {
    return new AtomicReferenceArray[count];
  }

  /** Reserves a number; {@link #set} makes it known. */
  public synchronized long reserve() {
    int slot;
    if (freeCount > 0) {
      slot = free[--freeCount];
    } else {
      slot = used++;
      if (slot >>> PAGE_BITS == pages.length) {
        AtomicReferenceArray<T>[] more = Arrays.copyOf(pages, pages.length + 1);
        more[pages.length] = new AtomicReferenceArray<>(PAGE_SIZE);
        pages = more;
      }
    }
    return first + slot;
  }

  /** Gives {@code number}, which was reserved, its value. */
  public void set(long number, T value) {
    int slot = (int) (number - first);
    pages[slot >>> PAGE_BITS].set(slot & (PAGE_SIZE - 1), value);
  }

  /** The object of {@code number}, or null. */
  public T get(long number) {
    long slot = number - first;
    AtomicReferenceArray<T>[] current = pages;
    if (slot < 0 || slot >>> PAGE_BITS >= current.length) {
      return null;
    }
    return current[(int) (slot >>> PAGE_BITS)].get((int) slot & (PAGE_SIZE - 1));
  }

  /** Frees {@code number}; the object that had it, or null. */
  public T remove(long number) {
    T old = get(number);
    if (old == null) {
      return null;
    }
    int slot = (int) (number - first);
    if (!pages[slot >>> PAGE_BITS].compareAndSet(slot & (PAGE_SIZE - 1), old, null)) {
      return null;
    }
    synchronized (this) {
      if (freeCount == free.length) {
        free = Arrays.copyOf(free, freeCount * 2);
      }
      free[freeCount++] = slot;
    }
    return old;
  }

  /** Calls {@code action} with each object that is there all the while. */
  public void forEach(Consumer<T> action) {
    for (AtomicReferenceArray<T> page : pages) {
      for (int i = 0; i < PAGE_SIZE; i++) {
        T value = page.get(i);
        if (value != null) {
          action.accept(value);
        }
      }
    }
  }

  /** How many numbers are taken. */
  public synchronized int size() {
    return used - freeCount;
  }
}
