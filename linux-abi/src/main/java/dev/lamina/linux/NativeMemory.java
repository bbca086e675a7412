package dev.lamina.linux;

import com.kenai.jffi.MemoryIO;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * A fixed piece of off-heap memory with bounds-checked access in the host's byte order. It is freed
 * some time after it becomes unreachable.
 *
 * <p>Not thread-safe: one thread at a time, as with any buffer, but for {@link #getIntAcquire} and
 * {@link #putIntRelease}.
 */
public final class NativeMemory {
  /** Apart, as it takes 10 ms of a start to make, and only rings need it. */
  private static final class Ordered {
    static final VarHandle INTS =
        MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
  }

  private final ByteBuffer bytes;
  private final long address;

  private NativeMemory(ByteBuffer bytes, long address) {
    this.bytes = bytes.order(ByteOrder.nativeOrder());
    this.address = address;
  }

  /** Zeroed memory of {@code size} bytes, at least 8-byte aligned. */
  public static NativeMemory allocate(int size) {
    return size <= SmallMemory.LARGEST ? SmallMemory.cut(size) : allocateAlone(size);
  }

  /** As {@link #allocate}, in a block of its own. */
  static NativeMemory allocateAlone(int size) {
    return of(ByteBuffer.allocateDirect(size));
  }

  /**
   * Zeroed memory of {@code size} bytes that starts on a page, as O_DIRECT wants. A page of it
   * takes physical memory from when it is first written or read.
   */
  public static NativeMemory allocatePageAligned(int size) {
    return of(PageMemory.map(size));
  }

  /** Bytes of a page of this host. */
  public static int pageSize() {
    return PageMemory.pageSize();
  }

  /**
   * Memory that a C library owns, as the library handed it out: never freed from here, and not to
   * be touched once it is the library's again.
   *
   * @param address of the first byte
   */
  public static NativeMemory foreign(long address, int size) {
    return new NativeMemory(MemoryIO.getInstance().newDirectByteBuffer(address, size), address);
  }

  private static NativeMemory of(ByteBuffer bytes) {
    return new NativeMemory(bytes, Pointer.wrap(Runtime.getSystemRuntime(), bytes).address());
  }

  /** {@code size} bytes of this memory, which lives as long as they do. */
  public NativeMemory slice(int offset, int size) {
    return new NativeMemory(bytes.slice(offset, size), address + offset);
  }

  /**
   * Address of byte {@code offset}; valid as long as this object is reachable, see the package
   * comment.
   */
  long address(int offset) {
    Objects.checkIndex(offset, bytes.capacity() + 1);
    return address + offset;
  }

  long address() {
    return address;
  }

  /** Address of byte {@code offset}, from which the kernel may touch {@code size} bytes. */
  long address(int offset, int size) {
    Objects.checkFromIndexSize(offset, size, bytes.capacity());
    return address + offset;
  }

  /** Size in bytes. */
  public int size() {
    return bytes.capacity();
  }

  /** The byte at {@code offset}. */
  public byte getByte(int offset) {
    return bytes.get(offset);
  }

  /** The two bytes at {@code offset}, in the machine's order. */
  public short getShort(int offset) {
    return bytes.getShort(offset);
  }

  /** The four bytes at {@code offset}, in the machine's order. */
  public int getInt(int offset) {
    return bytes.getInt(offset);
  }

  /**
   * An int that another thread or the kernel writes: what it wrote before is seen too. {@code
   * offset} is a multiple of 4.
   */
  int getIntAcquire(int offset) {
    return (int) Ordered.INTS.getAcquire(bytes, offset);
  }

  /** The eight bytes at {@code offset}, in the machine's order. */
  public long getLong(int offset) {
    return bytes.getLong(offset);
  }

  /** Sets the byte at {@code offset}. */
  public void putByte(int offset, byte value) {
    bytes.put(offset, value);
  }

  /** Sets two bytes, in the machine's order. */
  public void putShort(int offset, short value) {
    bytes.putShort(offset, value);
  }

  /** Sets four bytes, in the machine's order. */
  public void putInt(int offset, int value) {
    bytes.putInt(offset, value);
  }

  /** Counterpart of {@link #getIntAcquire}: whoever sees the value sees what was put before. */
  void putIntRelease(int offset, int value) {
    Ordered.INTS.setRelease(bytes, offset, value);
  }

  /** Sets eight bytes, in the machine's order. */
  public void putLong(int offset, long value) {
    bytes.putLong(offset, value);
  }

  /**
   * Copies {@code length} bytes at {@code offset} to {@code target}, from its index {@code from}
   * on.
   */
  public void get(int offset, byte[] target, int from, int length) {
    bytes.get(offset, target, from, length);
  }

  /**
   * Copies {@code length} bytes of {@code source}, from its index {@code from} on, to {@code
   * offset}.
   */
  public void put(int offset, byte[] source, int from, int length) {
    bytes.put(offset, source, from, length);
  }

  /**
   * Copies {@code length} bytes of other memory, from its offset {@code from} on, to {@code
   * offset}.
   */
  public void copyFrom(int offset, NativeMemory source, int from, int length) {
    bytes.put(offset, source.bytes, from, length);
  }

  /** A fresh array of {@code length} bytes from {@code offset}. */
  public byte[] copy(int offset, int length) {
    byte[] copy = new byte[length];
    bytes.get(offset, copy, 0, length);
    return copy;
  }

  /** Sets {@code length} bytes to 0. */
  public void zero(int offset, int length) {
    for (int i = 0; i < length; i++) {
      bytes.put(offset + i, (byte) 0);
    }
  }

  /** A view of the same memory as a buffer of its own position and limit, native order. */
  public ByteBuffer asByteBuffer(int offset, int length) {
    return bytes.slice(offset, length).order(ByteOrder.nativeOrder());
  }
}
