package dev.lamina.overlay;

import static dev.lamina.overlay.PromotionTest.lookup;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Identity;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random scripts on one file that is promoted in part, against an array of bytes: every way to
 * change it, with completions, mounts that end well and mounts that are killed in between.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class PartialScriptTest {
  private static final int STEPS = 400;
  private static final int LARGEST = 400_000;

  @TempDir Path directory;
  private Stack stack;
  private Path below;
  private Random random;
  private byte[] model;
  private final List<String> script = new ArrayList<>();

  private Overlay overlay;
  private long node;
  private long handle;
  private int interruptions;

  @BeforeEach
  void makeStack() throws Exception {
    Assumptions.assumeTrue(Identity.processUid() == 0, "trusted xattrs need CAP_SYS_ADMIN");
    stack = new Stack(directory);
    below = stack.lower().resolve("f");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void randomScript_givesTheBytesOfTheModel(long seed) throws Exception {
    random = new Random(seed);
    byte[] original = makeLower();
    model = original.clone();
    mount();
    try {
      write(5, 7);
      for (int step = 0; step < STEPS; step++) {
        step();
        if (random.nextInt(10) == 0) {
          readAll();
        }
      }
      readAll();
    } catch (AssertionError | ErrnoException e) {
      throw new AssertionError(
          "after "
              + String.join("\n", script.subList(Math.max(script.size() - 30, 0), script.size())),
          e);
    } finally {
      overlay.close();
    }
    assertThat(interruptions).as("kills while the file was partial").isPositive();
    assertThat(stack.upper().resolve("f")).hasBinaryContent(model);
    assertThat(Marked.is(stack.upper().resolve("f"))).isFalse();
    assertThat(below).as("the lower").hasBinaryContent(original);
    assertThat(maps()).isEmpty();
    assertThat(stack.work().resolve("work/incompat")).doesNotExist();
  }

  /** Data with holes, of a length that is no multiple of anything. */
  private byte[] makeLower() throws IOException {
    byte[] data = new byte[100_000 + random.nextInt(150_000)];
    try (RandomAccessFile file = new RandomAccessFile(below.toFile(), "rw")) {
      file.setLength(data.length);
      for (int i = 0; i < 6; i++) {
        byte[] piece = new byte[1 + random.nextInt(30_000)];
        random.nextBytes(piece);
        int at = random.nextInt(data.length - piece.length);
        file.seek(at);
        file.write(piece);
        System.arraycopy(piece, 0, data, at, piece.length);
      }
    }
    return data;
  }

  private List<Path> maps() throws IOException {
    try (var maps = Files.list(stack.work().resolve("lamina-partial"))) {
      return maps.toList();
    }
  }

  private void mount() throws Exception {
    overlay = Overlay.open(stack.options().partialFrom(1).partialQuiet(Duration.ofDays(1)).build());
    node = lookup(overlay.inodes(), InodeFileSystem.ROOT, "f").node;
    open();
  }

  private void open() throws ErrnoException {
    Opened opened = new Opened();
    overlay.inodes().open(Caller.self(), node, OpenFlags.O_RDWR, opened);
    handle = opened.handle;
  }

  private void step() throws Exception {
    int kind = random.nextInt(100);
    if (kind < 35) {
      write(
          random.nextInt(model.length + 5000),
          1 + random.nextInt(random.nextInt(10) == 0 ? 60_000 : 5000));
    } else if (kind < 60) {
      read(random.nextInt(model.length + 5000), 1 + random.nextInt(70_000));
    } else if (kind < 68) {
      truncate(Math.max(1, model.length - random.nextInt(random.nextInt(4) == 0 ? 50_000 : 5000)));
    } else if (kind < 74) {
      truncate(model.length + random.nextInt(20_000));
    } else if (kind < 82) {
      clear(random.nextBoolean());
    } else if (kind < 85) {
      allocate();
    } else if (kind < 88) {
      append();
    } else if (kind < 91) {
      script.add("fsync");
      overlay.inodes().fsync(handle, random.nextBoolean());
    } else if (kind < 94) {
      script.add("seek");
      seekEverywhere();
    } else if (kind < 95) {
      script.add("reopen");
      overlay.inodes().release(handle);
      open();
    } else if (kind < 97) {
      script.add("kill");
      overlay.abandon();
      interruptions += maps().isEmpty() ? 0 : 1;
      mount();
    } else if (kind < 99) {
      powerCut();
    } else if (interruptions > 2 && random.nextInt(3) == 0) {
      script.add("unmount");
      overlay.close();
      mount();
    }
  }

  /**
   * What was synced is there; of what was written after that, each block has the old or the new
   * content, though what the upper has of it is lost.
   */
  private void powerCut() throws Exception {
    script.add("power cut");
    overlay.inodes().fsync(handle, true);
    byte[] synced = model.clone();
    for (int i = random.nextInt(8); i > 0; i--) {
      int at = random.nextInt(model.length);
      write(at, 1 + random.nextInt(Math.min(20_000, model.length - at)));
    }
    byte[] written = model.clone();
    overlay.abandon();
    losePower();
    mount();
    NativeMemory memory = NativeMemory.allocate(model.length + 1);
    assertThat(overlay.inodes().read(handle, memory, 0, model.length + 1, 0))
        .isEqualTo(model.length);
    model = memory.copy(0, model.length);
    for (int at = 0; at < model.length; at += 4096) {
      int end = Math.min(at + 4096, model.length);
      if (!Arrays.equals(model, at, end, synced, at, end)) {
        assertThat(Arrays.copyOfRange(model, at, end))
            .as("at %d", at)
            .isEqualTo(Arrays.copyOfRange(written, at, end));
      }
    }
  }

  /** The map is of another boot, and blocks that it does not call synced are garbage. */
  private void losePower() throws IOException {
    for (Path map : maps()) {
      byte[] bits = Files.readAllBytes(map);
      try (RandomAccessFile file = new RandomAccessFile(map.toFile(), "rw");
          RandomAccessFile upper =
              new RandomAccessFile(stack.upper().resolve("f").toFile(), "rw")) {
        file.seek(32);
        file.writeLong(random.nextLong());
        byte[] garbage = new byte[4096];
        long lowerEnd =
            Math.min(ByteBuffer.wrap(bits).order(LITTLE_ENDIAN).getLong(24), upper.length());
        for (int block = 0; (block + 1) * 4096L <= lowerEnd; block++) {
          if ((bits[4096 + block / 8] & (1 << block % 8)) == 0) {
            random.nextBytes(garbage);
            upper.seek(block * 4096L);
            upper.write(garbage);
          }
        }
      }
    }
  }

  private void write(int at, int length) throws Exception {
    script.add("write " + at + " " + length);
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    NativeMemory memory = NativeMemory.allocate(length);
    memory.put(0, bytes, 0, length);
    assertThat(overlay.inodes().write(handle, memory, 0, length, at)).isEqualTo(length);
    grow(at + length);
    System.arraycopy(bytes, 0, model, at, length);
  }

  private void grow(int size) {
    if (size > model.length) {
      model = Arrays.copyOf(model, size);
    }
  }

  private void read(int at, int length) throws Exception {
    script.add("read " + at + " " + length);
    NativeMemory memory = NativeMemory.allocate(length);
    int got = overlay.inodes().read(handle, memory, 0, length, at);
    byte[] expected =
        at >= model.length
            ? new byte[0]
            : Arrays.copyOfRange(model, at, Math.min(at + length, model.length));
    assertThat(memory.copy(0, got)).isEqualTo(expected);
  }

  private void readAll() throws Exception {
    read(0, model.length + 1);
    Stat stat = new Stat();
    overlay.inodes().getattr(node, stat);
    assertThat(stat.size).isEqualTo(model.length);
  }

  private void truncate(int size) throws Exception {
    if (size > LARGEST) {
      return;
    }
    script.add("truncate " + size);
    AttributeChange change = new AttributeChange();
    change.set = AttributeChange.SIZE;
    change.size = size;
    long by = random.nextBoolean() ? handle : 0;
    overlay.inodes().setattr(Caller.self(), node, by, change, new Stat());
    model = Arrays.copyOf(model, size);
  }

  private void clear(boolean zero) throws Exception {
    int at = random.nextInt(model.length + 1000);
    int length = 1 + random.nextInt(30_000);
    script.add((zero ? "zero " : "punch ") + at + " " + length);
    int mode = zero ? Fd.FALLOC_FL_ZERO_RANGE : Fd.FALLOC_FL_PUNCH_HOLE;
    boolean keepsSize = !zero || random.nextBoolean();
    overlay
        .inodes()
        .fallocate(handle, keepsSize ? mode | Fd.FALLOC_FL_KEEP_SIZE : mode, at, length);
    if (!keepsSize) {
      grow(at + length);
    }
    if (at < model.length) {
      Arrays.fill(model, at, Math.min(at + length, model.length), (byte) 0);
    }
  }

  private void allocate() throws Exception {
    int at = random.nextInt(model.length + 1000);
    int length = 1 + random.nextInt(10_000);
    script.add("allocate " + at + " " + length);
    overlay.inodes().fallocate(handle, 0, at, length);
    grow(at + length);
  }

  private void append() throws Exception {
    Opened opened = new Opened();
    overlay.inodes().open(Caller.self(), node, OpenFlags.O_WRONLY | OpenFlags.O_APPEND, opened);
    long before = handle;
    handle = opened.handle;
    script.add("append");
    byte[] bytes = new byte[1 + random.nextInt(6000)];
    random.nextBytes(bytes);
    NativeMemory memory = NativeMemory.allocate(bytes.length);
    memory.put(0, bytes, 0, bytes.length);
    assertThat(overlay.inodes().write(handle, memory, 0, bytes.length, model.length))
        .isEqualTo(bytes.length);
    int at = model.length;
    grow(at + bytes.length);
    System.arraycopy(bytes, 0, model, at, bytes.length);
    overlay.inodes().release(handle);
    handle = before;
  }

  /** Whatever SEEK_DATA calls a hole is zero. */
  private void seekEverywhere() throws Exception {
    long position = 0;
    while (position < model.length) {
      long data;
      try {
        data = overlay.inodes().seek(handle, position, Fd.SEEK_DATA);
      } catch (ErrnoException e) {
        data = model.length;
      }
      for (long i = position; i < data; i++) {
        assertThat(model[(int) i]).as("hole at %d", i).isZero();
      }
      if (data == model.length) {
        return;
      }
      position = overlay.inodes().seek(handle, data, Fd.SEEK_HOLE);
      assertThat(position).isGreaterThan(data);
    }
  }
}
